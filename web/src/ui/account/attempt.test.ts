import { expect, test } from "vitest";
import { ApiError } from "../../service";
import { failureOf } from "./attempt";

test.each([
  [new ApiError("No.", 401, "wrong-password"), /do not belong together/],
  [new ApiError("No.", 429, "too-many-attempts", 30), /in 30 seconds/],
  [new ApiError("No.", 429, "too-many-attempts", 1), /in 1 second;/],
  [new ApiError("No.", 429, "too-many-attempts", 100), /in 2 minutes/],
  [new ApiError("No.", 429, "too-many-attempts"), /in a moment/],
  [new ApiError("The name is taken.", 422, "invalid"), /^The name is taken\.$/],
  [new Error("Oops."), /^Oops\.$/],
])("%s", (error, sentence) => {
  expect(failureOf(error)).toMatch(sentence);
});
