import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	type Attention,
	add,
	type Device,
	eluPlusOne,
	init,
	type LinearState,
	linear,
	normal,
	OptionError,
	retention,
	runningState,
	ShapeError,
	type StreamChunk,
	scope,
	slice,
	slidingWindow,
	streamAttention,
	type Tensor,
	taylor,
	tensor,
} from "../index.js";
import { expectAllClose, relativeError } from "../testing/expect-close.js";

let device: Device;
beforeAll(async () => {
	device = await init({ threads: 2 });
});
afterAll(() => device.dispose());

const width = 16;
const disposeAll = (...tensors: Tensor[]) => {
	for (const tensor of tensors) tensor.dispose();
};

/** Chunk `step` of an endless sequence. Its numbers lean to one side, so that sums grow with the length. */
function makeChunk(length: number, step: number): StreamChunk {
	const draw = (stream: number) => add(normal([1, 1, length, width], { seed: 1, stream, step }), 0.5);
	return scope(() => ({ q: draw(0), k: draw(1), v: draw(2) }));
}

/** Chunks of these lengths, each freed when the next is asked for; `see` looks at each before. */
function* chunksOf(lengths: readonly number[], see?: (chunk: StreamChunk) => void): Generator<StreamChunk> {
	for (const [step, length] of lengths.entries()) {
		const chunk = makeChunk(length, step);
		see?.(chunk);
		try {
			yield chunk;
		} finally {
			disposeAll(chunk.q, chunk.k, chunk.v);
		}
	}
}

describe("a million tokens in bounded memory", () => {
	const chunkLength = 8192;
	const million = new Array<number>(128).fill(chunkLength);

	/** Streams and returns the outputs of the first and the last tokens of some chunks, by chunk. */
	async function edgesOf(attend: Attention, sampled: readonly number[], chunks: Iterable<StreamChunk>) {
		const { liveBytes } = device.memoryStats();
		device.resetPeakMemory();
		const edges = new Map<number, { first: Float32Array; last: Float32Array }>();
		let step = 0;
		for await (const out of streamAttention(attend, chunks)) {
			if (sampled.includes(step)) {
				const values = out.dataSync();
				edges.set(step, { first: values.slice(0, 8 * width), last: values.slice(-width) });
			}
			out.dispose();
			step++;
		}
		expect(step).toBe(million.length);
		// A single operand of the whole is 64 MiB.
		expect(device.memoryStats().peakBytes - liveBytes).toBeLessThan(16 * 2 ** 20);
		return edges;
	}

	it("window: sampled rows equal the softmax over their window", async () => {
		const window = 100;
		const edges = await edgesOf(slidingWindow({ window, causal: true }), [0, 1, 77, 127], chunksOf(million));
		for (const [step, { first, last }] of edges)
			scope(() => {
				const here = makeChunk(chunkLength, step);
				const before = step > 0 ? makeChunk(chunkLength, step - 1) : undefined;
				const rows = (name: "q" | "k" | "v") => [...(before?.[name].dataSync() ?? []), ...here[name].dataSync()];
				const [q, k, v] = [rows("q"), rows("k"), rows("v")];
				const attendFrom = (i: number): number[] => {
					const from = Math.max(0, i - window);
					const weights = Array.from({ length: i - from + 1 }, (_, at) => {
						let score = 0;
						for (let c = 0; c < width; c++)
							score += (q[i * width + c] as number) * (k[(from + at) * width + c] as number);
						return Math.exp(score / 4);
					});
					const total = weights.reduce((a, b) => a + b, 0);
					return Array.from({ length: width }, (_, c) =>
						weights.reduce((sum, weight, at) => sum + (weight / total) * (v[(from + at) * width + c] as number), 0),
					);
				};
				const start = before ? chunkLength : 0;
				const expected = Array.from({ length: 8 }, (_, i) => attendFrom(start + i)).flat();
				expectAllClose(first, expected, { relative: 1e-4, absolute: 1e-5 });
				expectAllClose(last, attendFrom(start + chunkLength - 1), { relative: 1e-4, absolute: 1e-5 });
			});
	});

	it("linear: the state and the last output equal sums in float64", async () => {
		const [sums, totals] = [new Float64Array(width * width), new Float64Array(width)];
		const phi = (x: number) => (x > 0 ? x + 1 : Math.exp(x));
		let lastQuery = new Float32Array();
		let state: LinearState | undefined;
		const see = ({ q, k, v }: StreamChunk) => {
			lastQuery = q.dataSync().slice(-width);
			const [keys, values] = [k.dataSync(), v.dataSync()];
			for (let row = 0; row < keys.length; row += width)
				for (let i = 0; i < width; i++) {
					const key = phi(keys[row + i] as number);
					(totals[i] as number) += key;
					for (let c = 0; c < width; c++) sums[i * width + c]! += key * (values[row + c] as number);
				}
			const next = scope(
				() => runningState(eluPlusOne(q), eluPlusOne(k), v, { ...(state && { initialState: state }) }).finalState,
			);
			if (state) disposeAll(state.sum, state.normalizer as Tensor);
			state = next;
		};
		const edges = await edgesOf(linear({ causal: true }), [127], chunksOf(million, see));
		const { sum, normalizer } = state as unknown as { sum: Tensor; normalizer: Tensor };
		expect(relativeError(sum.dataSync(), sums)).toBeLessThan(1e-4);
		expect(relativeError(normalizer.dataSync(), totals)).toBeLessThan(1e-4);
		const query = Array.from(lastQuery, phi);
		const dot = (column: (i: number) => number) => query.reduce((total, value, i) => total + value * column(i), 0);
		const denominator = dot((i) => totals[i] as number);
		const expected = Array.from({ length: width }, (_, c) => dot((i) => sums[i * width + c] as number) / denominator);
		expectAllClose(edges.get(127)?.last ?? [], expected, { relative: 1e-4 });
		disposeAll(sum, normalizer);
	});
});

describe("streamAttention", () => {
	const lengths = [1, 130, 64, 1, 300];
	const bound = (attend: Attention): [string, Attention] => [attend.description, attend];

	it.each([
		bound(slidingWindow({ window: 20, causal: true })),
		bound(linear({ causal: true })),
		bound(taylor({ causal: true })),
		bound(retention()),
	])("gives the outputs of the whole in pieces: %s", async (_, attend) => {
		const { buffers } = device.memoryStats();
		const rows: Record<"q" | "k" | "v" | "out", number[]> = { q: [], k: [], v: [], out: [] };
		const see = (chunk: StreamChunk) => {
			for (const name of ["q", "k", "v"] as const) rows[name].push(...chunk[name].dataSync());
		};
		async function* later() {
			yield* chunksOf(lengths, see);
		}
		for await (const out of streamAttention(attend, later())) {
			rows.out.push(...out.dataSync());
			out.dispose();
		}
		expect(device.memoryStats().buffers).toBe(buffers);
		scope(() => {
			const [q, k, v] = (["q", "k", "v"] as const).map((name) =>
				tensor(rows[name], [1, 1, rows[name].length / width, width]),
			) as [Tensor, Tensor, Tensor];
			expectAllClose(rows.out, attend(q, k, v).dataSync(), { relative: 1e-4, absolute: 1e-4 });
		});
	});

	it("frees the session when the loop is left and when a chunk is refused", async () => {
		const { buffers } = device.memoryStats();
		for await (const out of streamAttention(linear({ causal: true }), chunksOf(lengths))) {
			out.dispose();
			break;
		}
		expect(device.memoryStats().buffers).toBe(buffers);
		const uneven = scope(() => {
			const { q, k, v } = makeChunk(9, 0);
			return { q: slice(q, 2, 1), k, v };
		});
		const outputs: Tensor[] = [];
		const failing = async () => {
			for await (const out of streamAttention(linear({ causal: true }), [makeFirst(), uneven])) outputs.push(out);
		};
		const first: Tensor[] = [];
		function makeFirst(): StreamChunk {
			const chunk = makeChunk(4, 1);
			first.push(chunk.q, chunk.k, chunk.v);
			return chunk;
		}
		await expect(failing()).rejects.toThrow(ShapeError);
		disposeAll(...outputs, ...first, uneven.q, uneven.k, uneven.v);
		expect(device.memoryStats().buffers).toBe(buffers);
	});

	it.each([
		[
			"a mechanism that looks ahead",
			linear(),
			/streamAttention: the mechanism "linear" is not causal; a stream needs causal: true/,
		],
		[
			"a mechanism with weights",
			Object.assign((...args: Parameters<Attention>) => linear({ causal: true })(...args), linear({ causal: true }), {
				initialize: () => ({}),
			}),
			/the mechanism "linear, causal" needs weights/,
		],
	] as const)("refuses %s", async (_, attend, message) => {
		const start = () => streamAttention(attend as Attention, chunksOf([4])).next();
		await expect(start()).rejects.toThrow(OptionError);
		await expect(start()).rejects.toThrow(message);
	});
});
