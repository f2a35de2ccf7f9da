import {
	type Attention,
	type AttentionWeights,
	type Device,
	full,
	keep,
	linformer,
	normal,
	type Tensor,
	treeTensors,
} from "longspan";
import type { Contestant } from "../../contestant.js";
import { bytesBeyondOperands } from "../../memory.js";
import { UsageError } from "../../usage-error.js";
import { type Context, defineExperiment } from "../experiment.js";
import { short, whole } from "../markdown.js";
import { integer, integers, positive } from "../options.js";
import { type Timed, timeRounds } from "../timing.js";
import { extrapolated } from "./extrapolate.js";
import { type LayerWeights, layerWeights, transformerLayer } from "./layer.js";
import { type Cell, type Row, section } from "./section.js";

export interface Settings {
	readonly lengths: readonly number[];
	readonly slots: readonly number[];
	readonly exactTo: number;
	readonly heads: number;
	readonly headDim: number;
	readonly seconds: number;
}

interface Subject {
	readonly name: string;
	readonly attend: Attention;
	readonly weights: AttentionWeights | undefined;
}

function check({ lengths, exactTo }: Settings): void {
	const measured = lengths.filter((length) => length <= exactTo);
	if (measured.length < lengths.length && measured.length < 2)
		throw new UsageError(
			`--exact-to is ${exactTo}; expected at least ${lengths[1] ?? lengths[0]}: exact attention must be measured at two lengths to extrapolate`,
		);
}

async function run(settings: Settings, { device, seed, progress, log }: Context): Promise<Row[]> {
	const { lengths, slots, exactTo, heads, headDim, seconds } = settings;
	const dim = heads * headDim;
	const layer = keep({ ...layerWeights(dim, { seed, layer: 0 }) });
	const rows: Row[] = [];
	for (const length of lengths) {
		const x = normal([1, length, dim], { seed, stream: 100 });
		const subjects = subjectsAt(length, settings, seed);
		const contestants = subjects.map((subject) => layerContestant(subject, x, { layer, heads, device }));
		// The device's memory grows with the first pass at a length, which must not count against one of them.
		await contestants.at(length <= exactTo ? 1 : 0)?.run();
		const times = await timeRounds(contestants, {
			seconds,
			onCall: (name) => progress(`n = ${whole(length)}: ${name}`),
		});
		const cells = contestants.map(({ name, bytes }): Cell => ({ ...(times.get(name) as Timed), bytes }));
		const measured = length <= exactTo;
		const exact = measured
			? (cells.shift() as Cell)
			: { milliseconds: extrapolated(rows, length), calls: 0, bytes: null };
		const used = slots.filter((k) => fits(k, length));
		rows.push({
			length,
			exact: { ...exact, extrapolated: !measured },
			linformer: used.map((k, at) => ({ slots: k, ...(cells[at] as Cell) })),
		});
		for (const tensor of [x, ...treeTensors(subjects.map(({ weights }) => weights ?? {}))]) tensor.dispose();
		log(
			`${whole(length).padStart(7)}  exact ${short(exact.milliseconds)} ms${measured ? "" : " (extrapolated)"}; ${used.map((k, at) => `k = ${k}: ${short(exact.milliseconds / (cells[at] as Cell).milliseconds)} times as fast`).join(", ")}`,
		);
	}
	for (const tensor of treeTensors(layer)) tensor.dispose();
	return rows;
}

/** As in the paper, a cell is left empty where k is more than half of n. */
function fits(slots: number, length: number): boolean {
	return 2 * slots <= length;
}

/** Exact attention, if it is measured at this length, and Linformer with each number of slots. */
function subjectsAt(length: number, { slots, exactTo, heads, headDim }: Settings, seed: number): Subject[] {
	const compressed = slots
		.filter((k) => fits(k, length))
		.map((k): Subject => {
			const attend = linformer({ maxLength: length, projectedLength: k, sharing: "layerwise" });
			return { name: `k = ${k}`, attend, weights: attend.initialize?.({ heads, headDim, seed }) };
		});
	return length <= exactTo ? [{ name: "exact", attend: full(), weights: undefined }, ...compressed] : compressed;
}

/** A layer's forward pass, which notes its peak of memory while it is timed: at long lengths a call more would take minutes. */
function layerContestant(
	{ name, attend, weights }: Subject,
	x: Tensor,
	{ layer, heads, device }: { layer: LayerWeights; heads: number; device: Device },
): Contestant & { readonly bytes: number } {
	let bytes = 0;
	const run = () => transformerLayer(x, layer, heads, (q, k, v) => attend(q, k, v, { weights })).dispose();
	return {
		name,
		get bytes() {
			return bytes;
		},
		run() {
			bytes = bytesBeyondOperands(device, { name, run });
		},
	};
}

export const linformerTable = defineExperiment<Settings, Row>({
	summary: "Linformer's speed-up and memory saving over exact attention, by length and k",
	options: {
		lengths: integers("lengths n", [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536], 2),
		slots: integers("slots k", [128, 256, 512, 1024, 2048]),
		exactTo: integer("longest n at which exact attention is measured; beyond it is extrapolated", 65_536),
		heads: integer("heads of the layer", 12),
		headDim: integer("channels of each head", 64),
		seconds: positive("time for each cell, but at least one call", 2),
	},
	check,
	run,
	section,
});
