import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
	add,
	type BlockParameters,
	concat,
	type Device,
	foldIn,
	full,
	init,
	intTensor,
	languageModel,
	linear,
	mul,
	normal,
	normalInitializer,
	OptionError,
	plainStack,
	reversibleStack,
	type Stack,
	type StreamMerge,
	scope,
	setCurrentDevice,
	slice,
	slidingWindow,
	sum,
	type Tensor,
	tanh,
	transformerBlock,
	treeTensors,
	valueAndGrad,
} from "../../index.js";
import { expectAllClose } from "../../testing/expect-close.js";
import { expectLayerGradients } from "../../testing/layer-gradients.js";
import { itRefuses } from "../../testing/refusals.js";
import { exactValues } from "../../testing/tensor-gradient.js";

let exact: Device;
let wasm: Device;
beforeAll(async () => {
	wasm = await init({ threads: 2 });
	exact = await init({ device: "reference" });
});
beforeEach(() => setCurrentDevice(exact));
afterAll(() => {
	wasm.dispose();
	exact.dispose();
});

const attentions = [linear({ causal: true }), slidingWindow({ window: 3, causal: true }), full({ causal: true })];
const blocksOf = (dim: number, chunkLength?: number) =>
	attentions.map((attention) =>
		transformerBlock({
			...{ dim, heads: 2, attention, dropout: 0.2 },
			feedForward: { hidden: 2 * dim, ...(chunkLength && { chunkLength }) },
		}),
	);
const merges: readonly StreamMerge[] = ["averaged", "concatenated"];
const given = { random: { seed: 5, step: 2 } };

type BlockStack = Stack<readonly BlockParameters[]>;

/** The function of a reversible stack, with every activation stored. */
function storedReversible(
	blocks: ReturnType<typeof blocksOf>,
	merge: StreamMerge,
): Pick<BlockStack, "initialize" | "apply"> {
	return {
		initialize: (draw) => blocks.map((block) => block.initialize(draw)),
		apply(parameters, x, options = {}) {
			let [x1, x2] = [x, x];
			blocks.forEach((block, index) => {
				const own = parameters[index] as BlockParameters;
				const inBlock = { ...options, random: foldIn(options.random, index) };
				x1 = add(x1, block.attentionBranch.apply(own, x2, inBlock));
				x2 = add(x2, block.feedForwardBranch.apply(own, x1, inBlock));
			});
			return { hidden: merge === "averaged" ? mul(add(x1, x2), 0.5) : concat([x1, x2], 2), ponderCost: null };
		},
	};
}

/** Loss and all gradients of a stack on the current device. */
function run(
	stack: Pick<BlockStack, "initialize" | "apply">,
	dim: number,
	length: number,
): (Float64Array | Float32Array)[] {
	return scope(() => {
		const parameters = { layers: stack.initialize(normalInitializer(1)), x: normal([2, length, dim], { seed: 2 }) };
		const { value, gradient } = valueAndGrad(({ layers, x }: typeof parameters) =>
			scope(() => {
				const { hidden } = stack.apply(layers, x, given);
				return sum(mul(hidden, tanh(hidden)));
			}),
		)(parameters);
		const read = value.device === exact ? exactValues : (x: Tensor) => x.dataSync();
		return [value, ...(treeTensors(gradient) as Tensor[])].map((x) => read(x));
	});
}

describe("plainStack", () => {
	it.each([undefined, 16])(
		"checkpointed has the bits of stored, with dropout and feed-forward chunks of %s",
		(chunkLength) => {
			setCurrentDevice(wasm);
			const [stored, checkpointed] = [false, true].map((checkpointed) =>
				run(plainStack(blocksOf(16, chunkLength), 16, { checkpointed }), 16, 70),
			);
			expect(checkpointed).toEqual(stored);
		},
	);

	it("has the gradients that differences give, and dropout of its own in each layer", () => {
		const stack = plainStack(blocksOf(4).slice(0, 2), 4);
		expectLayerGradients(exact, { ...stack, apply: (...args) => stack.apply(...args).hidden }, [2, 4, 4], given);
		const [alike] = blocksOf(4);
		scope(() => {
			const block = alike as NonNullable<typeof alike>;
			const parameters = block.initialize(normalInitializer(1));
			const x = normal([1, 5, 4], { seed: 2 });
			const twice = plainStack([block, block], 4).apply([parameters, parameters], x, given).hidden;
			const same = [0, 0].reduce(
				(input, layer) => block.apply(parameters, input, { random: foldIn(given.random, layer) }),
				x,
			);
			const own = [0, 1].reduce(
				(input, layer) => block.apply(parameters, input, { random: foldIn(given.random, layer) }),
				x,
			);
			expect(exactValues(twice)).toEqual(exactValues(own));
			expect(exactValues(twice)).not.toEqual(exactValues(same));
		});
	});

	it("holds the hidden states of one layer at a time where nothing is to be differentiated", () => {
		setCurrentDevice(wasm);
		const peakOf = (depth: number) =>
			scope(() => {
				const [block] = blocksOf(16);
				const stack = plainStack(
					Array.from({ length: depth }, () => block as NonNullable<typeof block>),
					16,
				);
				const parameters = stack.initialize(normalInitializer(1));
				const x = normal([1, 2048, 16], { seed: 2 });
				const { liveBytes } = wasm.memoryStats();
				wasm.resetPeakMemory();
				stack.apply(parameters, x);
				return wasm.memoryStats().peakBytes - liveBytes;
			});
		expect(peakOf(8)).toBeLessThan(1.01 * peakOf(2));
	});
});

describe("reversibleStack", () => {
	it.each(merges)("%s has outputs and gradients of stored activations for the same dropout", (merge) => {
		const [ours, stored] = [reversibleStack(blocksOf(8), 8, merge), storedReversible(blocksOf(8), merge)].map((stack) =>
			run(stack, 8, 9),
		) as [Float64Array[], Float64Array[]];
		expect(ours[0]).toEqual(stored[0]);
		ours.forEach((values, index) => {
			expectAllClose(values, stored[index] as Float64Array, { relative: 1e-6, absolute: 1e-8 });
		});
	});

	it.each(merges)("%s, in float32 and with feed-forward chunks, has those gradients, too", (merge) => {
		setCurrentDevice(wasm);
		const [ours, stored] = [
			reversibleStack(blocksOf(16, 32), 16, merge),
			storedReversible(blocksOf(16, 32), merge),
		].map((stack) => run(stack, 16, 70)) as [Float32Array[], Float32Array[]];
		ours.forEach((values, index) => {
			const size = Math.max(...(stored[index] as Float32Array).map(Math.abs));
			expectAllClose(values, stored[index] as Float32Array, { relative: 0, absolute: 2e-5 * size });
		});
	});

	it.each(merges)("%s decodes in pieces to what the whole gives", (merge) => {
		scope(() => {
			const stack = reversibleStack(blocksOf(8), 8, merge);
			expect(stack.outputDim).toBe(merge === "averaged" ? 8 : 16);
			const parameters = stack.initialize(normalInitializer(1));
			const x = normal([2, 9, 8], { seed: 2 });
			const whole = stack.apply(parameters, x).hidden;
			const session = stack.startDecoding(2);
			for (const [from, to] of [
				[0, 4],
				[4, 5],
				[5, 9],
			] as const)
				expectAllClose(
					exactValues(session.append(parameters, slice(x, 1, from, to))),
					exactValues(slice(whole, 1, from, to)),
					{ relative: 1e-6, absolute: 1e-7 },
				);
			session.dispose();
		});
	});

	itRefuses(
		() => exact,
		[
			[
				"an unknown merge",
				() => reversibleStack(blocksOf(8), 8, "summed" as StreamMerge),
				OptionError,
				/reversibleStack: merge is "summed"; expected "concatenated" or "averaged"/,
			],
			[
				"blocks that normalise their streams",
				() => reversibleStack([transformerBlock({ dim: 8, heads: 2, attention: full(), norm: "post" })], 8),
				OptionError,
				/reversibleStack: a block has norm "post"; expected "pre"/,
			],
		],
	);
});

describe("a training step", () => {
	/** Memory beyond what is alive before it, the gradients not counted. */
	const peakOf = (layers: number, activations: "stored" | "checkpointed" | "reversible") =>
		scope(() => {
			const model = languageModel({
				...{ dim: 32, heads: 2, layers, maxLength: 1024, attention: slidingWindow({ window: 32, causal: true }) },
				...{ activations, dropout: 0.1, feedForward: { chunkLength: 64 } },
			});
			const weights = treeTensors(model.parameters);
			const ids = intTensor(new Array(1025).fill(3), [1, 1025]);
			const step = () => scope(() => void valueAndGrad(model.loss)(model.parameters, ids, given));
			step(); // the first one may keep plans
			const { liveBytes } = wasm.memoryStats();
			wasm.resetPeakMemory();
			step();
			const { peakBytes } = wasm.memoryStats();
			for (const weight of weights) weight.dispose();
			return peakBytes - liveBytes - weights.reduce((total, { size }) => total + 4 * size, 0);
		});

	it("takes the same memory at any depth with reversible layers, and less with checkpoints than without", () => {
		setCurrentDevice(wasm);
		const reversible = [4, 16].map((layers) => peakOf(layers, "reversible")) as [number, number];
		expect(reversible[1]).toBeLessThan(1.15 * reversible[0]);
		const stored = [4, 16].map((layers) => peakOf(layers, "stored")) as [number, number];
		const [few, many] = [4, 16].map((layers) => peakOf(layers, "checkpointed")) as [number, number];
		expect(stored[1]).toBeGreaterThan(3 * stored[0]);
		// One hidden state for each further layer.
		expect(many - few).toBeLessThan(1.1 * 12 * 4 * 1024 * 32);
	});
});
