import { type Attention, type AttentionGraph, countEdges, headKinds, planGraph } from "longspan";
import { formatCount } from "../output/format.js";
import { type Density, graphDensity, wholeDensity } from "./pattern-density.js";

/** What one kind of head sees, ready to be drawn. */
export interface Pattern {
	/** Heads that see it; null where all do. */
	readonly heads: readonly number[] | null;
	readonly causal: boolean;
	readonly text: string;
	readonly density: Density;
	/** Whether the keys are seen through a state or mixtures, not one by one. */
	readonly indirect: boolean;
}

const indirectCells = 64;

/** The patterns of an attention at a length, one for each kind of head. */
export function patternsOf(attention: Attention, n: number, heads: number, mostCells?: number): Pattern[] {
	const { causal } = attention;
	const connectivity = attention.connectivity(n, heads);
	if (connectivity.kind === "tiles") {
		const kinds = headKinds(connectivity.parts, heads);
		return kinds.map((kind) => ({
			heads: kinds.length > 1 ? kind.heads : null,
			causal,
			indirect: false,
			...drawnGraph(planGraph(kind.plans), mostCells),
		}));
	}
	const keys = causal ? "every key up to its own" : "every key";
	const through =
		connectivity.kind === "state"
			? "through a state of fixed size"
			: `through ${formatCount(connectivity.slots)} mixtures of all keys`;
	const density = wholeDensity(indirectCells, causal);
	return [{ heads: null, causal, text: `${keys}, ${through}`, density, indirect: true }];
}

function drawnGraph(graph: AttentionGraph, mostCells?: number): Pick<Pattern, "text" | "density"> {
	const text = `${formatCount(countEdges(graph))} of ${formatCount(graph.nodes ** 2)} pairs`;
	return { text, density: graphDensity(graph, mostCells) };
}
