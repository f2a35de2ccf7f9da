export type { EncodedPlans } from "../../backends/backend.js";
export { type BlockOptions, type BlockRange, blockPlan } from "./blocks.js";
export { type BandOptions, bandPlan, causalPlan, fullPlan } from "./builders.js";
export { type DilatedBandOptions, dilatedBandPlan } from "./dilated.js";
export { encodePlans, type HeadPlans } from "./encode.js";
export { type GatherOptions, gatherPlan } from "./gather.js";
export { joinPlans } from "./join.js";
export {
	type BoxVerdict,
	bandPattern,
	causalPattern,
	type KeyRange,
	type Pattern,
	type PatternHints,
	pattern,
	patternPlan,
	stridedPattern,
} from "./pattern.js";
export { forEachPair, type PlanStatistics, planStatistics } from "./statistics.js";
export { type TilePlan, type TileRule, type TileRun, tileSize } from "./tile-plan.js";
export { transposePlan } from "./transpose.js";
export { assertDisjoint, unionPlan } from "./union.js";
