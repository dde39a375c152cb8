/** The options of `vm run`, as commander hands them over. */
export interface RunOptions {
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: readonly string[];
  readonly accel?: string;
  readonly dryRun?: true;
}
