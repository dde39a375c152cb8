export { askForConsent } from "@vm/terminal";
