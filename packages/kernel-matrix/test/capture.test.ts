import { assert, array, integer, property, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { capture, outputText } from "../src/capture.js";

test("head and tail of a stream are kept, and what is between them is counted", () => {
  assert(
    property(
      array(uint8Array({ maxLength: 30 })),
      integer({ min: 0, max: 40 }),
      integer({ min: 1, max: 40 }),
      (chunks, headBytes, tailBytes) => {
        const captured = capture({ headBytes, tailBytes });
        for (const chunk of chunks) captured.stream.write(chunk);
        const all = Buffer.concat(chunks);
        const { head, droppedBytes, tail } = captured.output();
        const rest = all.subarray(headBytes);
        expect(head).toEqual(all.subarray(0, headBytes));
        expect(tail).toEqual(rest.subarray(Math.max(0, rest.length - tailBytes)));
        expect(head.length + droppedBytes + tail.length).toBe(all.length);
      },
    ),
  );
});

test("text that was cut says how much is missing; a character between head and tail is whole when nothing is", () => {
  const cut = capture({ headBytes: 3, tailBytes: 3 });
  cut.stream.write("abcdefghi");
  expect(outputText(cut.output())).toBe("abc\n[... 3 bytes left out ...]\nghi");
  const whole = capture({ headBytes: 1, tailBytes: 9 });
  whole.stream.write("ü");
  expect(outputText(whole.output())).toBe("ü");
});
