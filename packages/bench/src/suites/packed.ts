import { linearLayer, type MatrixFormat, normal, PackedMatrix, type Tensor } from "longspan";
import type { Bench } from "../bench.js";
import { progressOf, timeOf } from "../comparison.js";
import type { Contestant } from "../contestant.js";
import { matmulInputs } from "../inputs.js";
import { matmulContestant } from "../longspan.js";
import { atLeast, type Figure, figure, type Measurement } from "../report.js";
import { type Times, timeInTurns, timeRatio } from "../timing.js";
import type { Suite } from "./suite.js";

const formats: readonly MatrixFormat[] = ["float32", "float16", "bfloat16", "int8"];
const matmulSize = 2048;
const matmulName = `matmul ${matmulSize}`;
const rows = 4096;
/** The layers of a base-size encoder. */
const layers = [
	{ inputs: 768, outputs: 768, activation: "none" },
	{ inputs: 768, outputs: 3072, activation: "gelu" },
	{ inputs: 3072, outputs: 768, activation: "none" },
] as const;
/** Scores of one token over the vocabulary of RoBERTa: a matrix that no cache holds. */
const vocabulary = { inputs: 768, outputs: 50265, activation: "none" } as const;

interface LayerContestant extends Contestant {
	readonly flops: number;
}

/** Linear layers with weights that are packed once. */
export const packed: Suite = {
	summary: "linear layers with packed weights: share of the rate of matmul, and one token by format",
	async run(bench) {
		const matmul = { ...matmulContestant(matmulInputs(matmulSize), matmulName), flops: 2 * matmulSize ** 3 };
		const many = layers.flatMap((layer) => formats.map((format) => layerContestant(bench, rows, layer, format)));
		const shares = await timeAll(bench, [matmul, ...many]);
		const single = formats.map((format) => layerContestant(bench, 1, vocabulary, format));
		const times = await timeAll(bench, single);
		return {
			title: `packed: activation(x · Wᵀ + bias), x of ${rows} rows or one`,
			measurements: [...measurements(shares, [matmul, ...many]), ...measurements(times, single)],
			figures: [
				...many.map((each) => shareOf(shares, each, matmul)),
				...single.slice(1).map((each) => gain(times, each, single)),
			],
			notes: ["Weights are packed before the time; one token reads each of them once, in the format they are kept in."],
		};
	},
};

function layerContestant(
	{ device }: Bench,
	m: number,
	{ inputs, outputs, activation }: (typeof layers)[number] | typeof vocabulary,
	format: MatrixFormat,
): LayerContestant {
	const [x, bias] = [normal([m, inputs], { seed: 1 }), normal([outputs], { seed: 2 })];
	const weight = new PackedMatrix([outputs, inputs], format, device);
	const values: Tensor = normal([outputs, inputs], { seed: 3 });
	weight.write(values.dataSync(), 0);
	values.dispose();
	return {
		name: `${m} × ${inputs} → ${outputs}${activation === "none" ? "" : `, ${activation}`}, ${format}`,
		flops: 2 * m * inputs * outputs,
		run: () => linearLayer(x, weight, { bias, activation }).dispose(),
		dispose() {
			for (const operand of [x, bias, weight]) operand.dispose();
		},
	};
}

async function timeAll(bench: Bench, contestants: readonly Contestant[]): Promise<ReadonlyMap<string, Times>> {
	const samples = await timeInTurns(contestants, { seconds: bench.seconds, onTurn: progressOf(bench, "packed") });
	for (const contestant of contestants) contestant.dispose?.();
	return samples;
}

const timesOf = (samples: ReadonlyMap<string, Times>, { name }: Contestant) => samples.get(name) as Times;

function measurements(samples: ReadonlyMap<string, Times>, contestants: readonly LayerContestant[]): Measurement[] {
	return contestants.map((each) => ({ name: each.name, ...timeOf(timesOf(samples, each), each.flops) }));
}

function shareOf(samples: ReadonlyMap<string, Times>, each: LayerContestant, matmul: LayerContestant): Figure {
	const share = (timeRatio(timesOf(samples, matmul), timesOf(samples, each)) * each.flops) / matmul.flops;
	return figure(
		`rate / rate of ${matmulName}, ${each.name}`,
		share,
		each.name.endsWith("float32") ? atLeast(0.8) : undefined,
	);
}

function gain(
	samples: ReadonlyMap<string, Times>,
	each: LayerContestant,
	[float32]: readonly LayerContestant[],
): Figure {
	return figure(
		`speed relative to float32, ${each.name}`,
		timeRatio(timesOf(samples, float32 as LayerContestant), timesOf(samples, each)),
	);
}
