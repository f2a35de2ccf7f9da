import {
	type Attention,
	countEdges,
	type HeadKind,
	headKinds,
	planGraph,
	planStatistics,
	receptiveFields,
} from "longspan";
import { formOf } from "../attentions/form.js";
import { packageVersion } from "../package-info.js";
import { costTable } from "./costs.js";
import { decodingState } from "./decoding-state.js";
import { followPaths, type HeadGraph, layerGraph } from "./paths.js";
import type { HeadPattern, InspectResult } from "./result.js";
import type { InspectSettings } from "./settings.js";

const headDim = 64;

/**
 * Finds out what a pattern is. Runs on the current device, which decodes some tokens.
 *
 * @throws OptionError if the attention refuses the length
 */
export function analyse({ attention: choice, length, heads, causal, layers }: InspectSettings): InspectResult {
	// Asked for by name, a form that is not there is an error; otherwise the other one is shown.
	const form = (n: number) => (causal ? { attention: choice.create(true, n), note: null } : formOf(choice, false, n));
	const { attention, note } = form(length);
	const connectivity = attention.connectivity(length, heads);
	return {
		version: packageVersion(),
		date: new Date().toISOString(),
		attention: choice.label,
		description: attention.description,
		causal: attention.causal,
		note,
		length,
		heads,
		headDim,
		kind: connectivity.kind,
		slots: connectivity.kind === "projection" ? connectivity.slots : null,
		...patternsOf(connectivity.kind === "tiles" ? headKinds(connectivity.parts, heads) : [], attention, layers),
		...costTable((n) => form(n).attention, length, { heads, headDim }),
		decoding: decodingState(() => choice.create(true, length), { length, heads, headDim }),
	};
}

function patternsOf(
	kinds: readonly HeadKind[],
	{ causal }: Attention,
	layers: number,
): Pick<InspectResult, "nodes" | "patterns" | "paths" | "receptiveFields"> {
	if (kinds.length === 0) return { nodes: null, patterns: [], paths: [], receptiveFields: [] };
	const graphs = kinds.map(({ heads, plans }): HeadGraph => ({ heads, graph: planGraph(plans) }));
	const layer = layerGraph(graphs);
	return {
		nodes: layer.nodes,
		patterns: kinds.map((kind, index) => patternOf(kind, graphs[index] as HeadGraph)),
		paths: followPaths(graphs, causal, layers),
		receptiveFields: receptiveFields(layer, layers),
	};
}

function patternOf({ heads, plans }: HeadKind, { graph }: HeadGraph): HeadPattern {
	const statistics = plans.map(planStatistics);
	const sum = (field: "activePairs" | "tiles") => statistics.reduce((total, one) => total + one[field], 0);
	const pairs = countEdges(graph);
	return { heads, pairs, density: pairs / graph.nodes ** 2, scores: sum("activePairs"), tiles: sum("tiles") };
}
