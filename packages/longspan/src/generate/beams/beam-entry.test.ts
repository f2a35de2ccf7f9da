import { describe, expect, it } from "vitest";
import { resolveGenerationOptions } from "../settings/resolve-options.js";
import { BeamEntry } from "./beam-entry.js";

describe("BeamEntry", () => {
	it.each([
		["never", -1, false],
		["never", 1, false],
		[false, -1, false],
		[false, 1, true],
		[true, -1, true],
	] as const)(
		"is done when no beam can become better: early stopping %s, length penalty %d",
		(earlyStopping, lengthPenalty, done) => {
			const settings = resolveGenerationOptions("test", { numBeams: 2, eosTokenId: 0, earlyStopping, lengthPenalty });
			const entry = new BeamEntry([7], { prompt: 1, min: 0, max: 50 }, settings);
			entry.advance([
				{ beam: 0, token: 1, score: -0.6 },
				{ beam: 0, token: 0, score: -0.8 },
				{ beam: 0, token: 2, score: -1.2 },
			]);
			expect(entry.done).toBe(false);
			// Penalty -1: -0.8 and -2.6 have ended, -2 may go on. Penalty 1: -0.8 and -0.7, and -0.85, or -0.03 at the longest.
			entry.advance([
				{ beam: 0, token: 1, score: lengthPenalty < 0 ? -1 : -1.7 },
				{ beam: 1, token: 0, score: lengthPenalty < 0 ? -1.3 : -1.4 },
				{ beam: 0, token: 2, score: -1.8 },
			]);
			expect(entry.done).toBe(done);
		},
	);
});
