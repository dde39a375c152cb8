import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderLiveScript } from "../src/live/live-script.js";
import { scratchDirectory } from "./scratch.js";

test("what the live system runs is fine with shellcheck, and carries the installation as it is", () => {
  const file = join(scratchDirectory(), "setup.sh");
  const script = "#!/bin/bash\necho 'EOF' \"$HOME\" `id` \\\nEOF\n";
  for (const onFailure of ["power off", "shell"] as const) {
    writeFileSync(file, renderLiveScript({ script, onFailure }));
    expect(spawnSync("shellcheck", [file], { encoding: "utf8" }).stdout).toBe("");
    const [, mark, content] =
      /<< '(END_\w+)'\n([^]*?)\1\n/.exec(renderLiveScript({ script, onFailure })) ?? [];
    expect({ mark: mark?.length, content }).toEqual({ mark: 20, content: script });
  }
});
