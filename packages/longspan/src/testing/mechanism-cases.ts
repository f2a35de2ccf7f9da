import type { GoldenRuns } from "./golden-run.js";
import type { MechanismCase } from "./mechanism-case.js";
import { fullCases, fullGolden } from "./mechanisms/full.js";
import { linearCases, linearGolden } from "./mechanisms/linear-transformer.js";
import { slidingWindowCases, slidingWindowGolden } from "./mechanisms/sliding-window.js";

/** A case per mechanism and option that changes what is computed. New mechanisms are added here. */
export const mechanismCases: readonly MechanismCase[] = [...fullCases, ...slidingWindowCases, ...linearCases];

/** How the golden tests of mechanisms are run. */
export const goldenRuns: GoldenRuns = { ...fullGolden, ...slidingWindowGolden, ...linearGolden };
