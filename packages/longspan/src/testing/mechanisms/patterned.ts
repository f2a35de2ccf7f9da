import { type PatternedOptions, patterned } from "../../attention/patterned/index.js";
import { patternedReference } from "../../attention/patterned/reference.js";
import { bandPattern, pattern, stridedPattern } from "../../attention/plan/pattern.js";
import type { MechanismCase } from "../mechanism-case.js";

function patternedCase(name: string, options: PatternedOptions): MechanismCase {
	return {
		name: `patterned ${name}`,
		attend: patterned(options),
		reference: (q, k, v, keyMask) => patternedReference(q, k, v, { ...options, keyMask }),
		cross: !options.causal,
	};
}

const byHead = [
	bandPattern(-30, 3).or(stridedPattern(16)),
	pattern((i, j) => Math.floor(i / 25) === Math.floor(j / 25)).not(),
] as const;

export const patternedCases: readonly MechanismCase[] = [
	patternedCase("by a predicate", { pattern: (i, j) => (7 * i + 5 * j) % 11 < 2 }),
	patternedCase("by head, causal", { patternOf: (_, head) => byHead[(head % 2) as 0 | 1], causal: true }),
];
