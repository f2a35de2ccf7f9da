import { type DecoderSession, intTensor, type ModelDType, type PretrainedModel, scope, slice, uniform } from "longspan";
import type { Bench } from "../bench.js";
import { progressOf, timeOf } from "../comparison.js";
import type { Contestant } from "../contestant.js";
import { bytesOfStep, drawLed, ledSizes } from "../led/model.js";
import { atLeast, atMost, type Figure, figure, type Measurement } from "../report.js";
import { medianTime, type Times, timeInTurns, timeRatio } from "../timing.js";
import type { Suite } from "./suite.js";

const textLength = 4096;
/** Calls begin at these positions of the decoder. */
const positions = [100, 960] as const;
/** One row, as greedy decoding has it, and those of four beams. */
const rowCounts = [1, 4] as const;
const formats = [
	["fp32", 4],
	["q8", 1],
] as const satisfies readonly (readonly [ModelDType, elementBytes: number])[];
/** Elements that are copied, more than caches hold. */
const copied = 2 ** 25;
const copyName = "copy of 128 MiB";

interface Decoding extends Contestant {
	/** Bytes that the next call must read. */
	bytes(): number;
}

/** Decoding with an encoder–decoder for long texts. */
export const led: Suite = {
	summary: "a token of an LED model: time by position of the decoder, beside the bytes that must be read",
	async run(bench) {
		const results = [];
		for (const [dtype, elementBytes] of formats) results.push(await measure(bench, dtype, elementBytes));
		const { layers, dim, heads, window } = ledSizes;
		return {
			title: `led: a token of a base-size LED (${layers} + ${layers} layers, dim ${dim}, ${heads} heads, window ${window}) about a text of ${textLength} tokens`,
			measurements: results.flatMap(({ measurements }) => measurements),
			figures: results.flatMap(({ figures }) => figures),
			notes: [
				"Bytes are what a token must read: the decoder's matrices, and the keys and values of the text and of the tokens before. The text is read once for all rows.",
				"A token's scores are read and the highest is taken. Beams are rows of one text; moving them is not in the time.",
			],
		};
	},
};

async function measure(
	bench: Bench,
	dtype: ModelDType,
	elementBytes: number,
): Promise<{ measurements: Measurement[]; figures: Figure[] }> {
	const { device } = bench;
	bench.progress(`led: drawing weights, ${dtype}`);
	const model = await drawLed(device, dtype);
	const copy = copyContestant();
	const early: Decoding[] = [];
	const late: Decoding[] = [];
	let text = 0;
	for (const rows of rowCounts)
		for (const [index, position] of positions.entries()) {
			bench.progress(`led: the encoder reads the text, ${dtype}`);
			device.resetWorkStats();
			const session = startDecoding(model);
			text = device.workStats().flops;
			(index === 0 ? early : late).push(decoding(session, { dtype, elementBytes, rows, position }));
		}
	device.resetWorkStats();
	late[0]?.run();
	const token = device.workStats().flops;
	const all = [copy, ...early, ...late];
	// Positions move on from call to call: bytes are those of the first one.
	const bytes = new Map([...early, ...late].map((each) => [each.name, each.bytes()]));
	const samples = await timeInTurns(all, { seconds: bench.seconds, turn: 0, onTurn: progressOf(bench, "led") });
	for (const each of all) each.dispose?.();
	model.dispose();
	const timesOf = ({ name }: Contestant) => samples.get(name) as Times;
	const bytesOf = ({ name }: Contestant) => bytes.get(name) as number;
	const rate = (each: Decoding) => bytesOf(each) / medianTime(timesOf(each).wall);
	const copyRate = (8 * copied) / medianTime(timesOf(copy).wall);
	return {
		measurements: all.map((each) => ({
			name: each === copy ? `${copyName}, beside ${dtype}` : each.name,
			...timeOf(timesOf(each)),
			bytes: each === copy ? 8 * copied : bytesOf(each),
		})),
		figures: [
			...rowCounts.map((rows, index) => {
				const [first, last] = [early[index], late[index]] as [Decoding, Decoding];
				const growth = timeRatio(timesOf(last), timesOf(first)) / (bytesOf(last) / bytesOf(first));
				return figure(
					`growth of the time / growth of the bytes, position ${positions[0]} to ${positions[1]}, ${nameOf(dtype, rows)}`,
					growth,
					// What the noise of a median may add.
					atMost(1.05),
				);
			}),
			...early
				.slice(0, 1)
				.map((each) =>
					figure(
						`bytes read in a second / bytes read and written by a copy, one row, ${dtype}`,
						rate(each) / copyRate,
						dtype === "fp32" ? atLeast(0.5) : undefined,
					),
				),
			figure(`operations of a token / of reading the text, ${dtype}`, token / text, atMost(0.01)),
		],
	};
}

const nameOf = (dtype: string, rows: number) => `${rows === 1 ? "one row" : `${rows} beams`}, ${dtype}`;

function startDecoding(model: PretrainedModel<"seq2seq-lm">): DecoderSession {
	const ids = Int32Array.from({ length: textLength }, (_, index) => 3 + ((index * 7919) % (ledSizes.vocabulary - 3)));
	return scope(() =>
		model.startDecoding({
			inputIds: intTensor(ids, [1, textLength]),
			globalAttentionMask: intTensor(
				ids.map((_, index) => Number(index === 0)),
				[1, textLength],
			),
		}),
	);
}

/** Brings a session, which it owns, to a position; a call is one more token of every row. */
function decoding(
	session: DecoderSession,
	{ dtype, elementBytes, rows, position }: { dtype: string; elementBytes: number; rows: number; position: number },
): Decoding {
	const append = (ids: Int32Array, count: number): Float32Array =>
		scope(() => session.append(intTensor(ids, [count, ids.length / count])).dataSync());
	append(
		Int32Array.from({ length: position }, (_, index) => 3 + index),
		1,
	);
	if (rows > 1) session.select(new Array(rows).fill(0));
	let next = 2;
	return {
		name: `a token at position ${position}, ${nameOf(dtype, rows)}`,
		run() {
			const scores = append(new Int32Array(rows).fill(next), rows);
			next = 0;
			for (let id = 1; id < ledSizes.vocabulary; id++) if ((scores[id] as number) > (scores[next] as number)) next = id;
		},
		bytes: () => bytesOfStep({ elementBytes, textLength, position: session.position, rows }),
		dispose: () => session.dispose(),
	};
}

function copyContestant(): Contestant {
	const source = uniform([copied], { seed: 1 });
	return {
		name: copyName,
		run: () => slice(source, 0, 0, copied).dispose(),
		dispose: () => source.dispose(),
	};
}
