export {
	type AttentionGraph,
	addEdge,
	countEdges,
	countLinks,
	emptyGraph,
	hasEdge,
	mostGraphNodes,
	planGraph,
	unionGraph,
} from "./graph.js";
export { type GrowthPoint, growthExponent } from "./growth.js";
export { type HeadKind, headKinds } from "./head-kinds.js";
export { connectedShare, type Hops, hops } from "./hops.js";
export { type RandomGraphOptions, randomGraph } from "./random-graph.js";
export { type ReceptiveField, receptiveFields } from "./receptive-field.js";
