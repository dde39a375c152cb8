export { describeProgram } from "@vm/command-guide";
