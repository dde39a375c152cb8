/** What this machine has and lacks: `vm doctor`. */
export interface DoctorRequest {
  readonly operation: "doctor";
  /** What `-k` takes: whether this one can be run here. */
  readonly kernel?: string;
}
