import { type BigBirdOptions, bigBird } from "../../attention/big-bird/index.js";
import { BlockLayout } from "../../attention/big-bird/layout.js";
import { unbiasedTable, zeroTable } from "../../attention/big-bird/random-blocks.js";
import { bigBirdReference } from "../../attention/big-bird/reference.js";
import { releasedTable } from "../../attention/big-bird/released-blocks.js";
import { fullReference } from "../../attention/full/reference.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GoldenRun, GoldenRuns } from "../golden-run.js";
import type { MechanismCase } from "../mechanism-case.js";
import { zeroPaddedRows } from "./longformer.js";

/** The table that the mechanism draws for itself, drawn here from its parts. */
function tableOf(options: BigBirdOptions, layout: BlockLayout, heads: number) {
	const { randomBlocks = 3, seed = 0, maxLength = 4096, tableLengths = [] } = options;
	const { blocks, blockSize } = layout;
	if (options.evalRandom === "zeros") return zeroTable(layout, heads, randomBlocks);
	return options.random === "released"
		? releasedTable({ heads, blocks, blockSize, randomBlocks, seed, maxLength, tableLengths })
		: unbiasedTable(layout, heads, randomBlocks, seed);
}

function testCase(name: string, options: BigBirdOptions, minLength = 1): MechanismCase {
	const { blockSize = 64, randomBlocks = 3, windowBlocks = 3, globalBlocks = 2 } = options;
	const { fullBelow = (5 + 2 * randomBlocks) * blockSize + 1 } = options;
	return {
		name: `bigbird ${name}`,
		attend: bigBird(options),
		reference: (q, k, v, keyMask) => {
			const [heads, length] = q.shape.slice(1) as [number, number];
			if (length < fullBelow) return fullReference(q, k, v, { keyMask });
			const layout = new BlockLayout(length, blockSize, windowBlocks, globalBlocks);
			const table = tableOf(options, layout, heads);
			return bigBirdReference(q, k, v, { blockSize, windowBlocks, globalBlocks, table, keyMask });
		},
		cross: false,
		minLength,
	};
}

export const bigBirdCases: readonly MechanismCase[] = [
	testCase("blocks of 64", {}),
	testCase("blocks of 11", { blockSize: 11, randomBlocks: 2, seed: 3, fullBelow: 0 }, 45),
	testCase("released, blocks of 8", { blockSize: 8, random: "released", seed: 5, tableLengths: [], fullBelow: 64 }),
	testCase(
		"blocks of 9, evaluated with block 0",
		{ ...{ blockSize: 9, windowBlocks: 5, globalBlocks: 3, randomBlocks: 3, evalRandom: "zeros", fullBelow: 0 } },
		64,
	),
];

const golden: GoldenRun<{ readonly block: number; readonly r: number }> = ({ tensors, integers, parameters }) => {
	const { q, k, v } = tensors as { [name in "q" | "k" | "v"]: Tensor };
	const { random_blocks, mask } = integers as { [name in "random_blocks" | "mask"]: Tensor<"int32"> };
	const [heads, rows, width] = random_blocks.shape as [number, number, number];
	const blocks = Array.from(random_blocks.dataSync());
	const randomTable = Array.from({ length: heads }, (_, h) =>
		Array.from({ length: rows }, (__, row) => blocks.slice((h * rows + row) * width, (h * rows + row + 1) * width)),
	);
	const attend = bigBird({ blockSize: parameters.block, randomBlocks: parameters.r, fullBelow: 0 });
	return zeroPaddedRows(attend(q, k, v, { keyMask: mask, randomTable }), mask);
};

export const bigBirdGolden: GoldenRuns = { bigbird: golden, "bigbird-eval-zeros": golden };
