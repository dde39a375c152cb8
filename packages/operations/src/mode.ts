/** What becomes of a request: `run`: it is carried out. `script`: nothing is changed, and a script is written that does it (`--dry-run`). */
export type Mode = "run" | "script";
