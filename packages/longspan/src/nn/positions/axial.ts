import { OptionError } from "../../errors.js";
import { add } from "../../ops/arithmetic.js";
import { broadcastTo } from "../../ops/broadcast.js";
import { checkChoice, checkNumber, checkOptions } from "../../ops/operands.js";
import { reshape } from "../../ops/reshape.js";
import { concat, slice } from "../../ops/slice.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { PositionEmbedding } from "./embedding.js";
import { checkWithin, positionDeviation } from "./learned.js";

export interface AxialOptions {
	/** Sizes of the axes; their product is the number of positions. Position t has the row-major coordinates of t. */
	shape: readonly number[];
	/** "concatenated" (default: Reformer, trax and Hugging Face) or "summed" (lucidrains). */
	combine?: "concatenated" | "summed";
	/** Channels of each axis where they are concatenated; together dim. Default: as equal as possible, earlier axes first. */
	dims?: readonly number[];
}

/**
 * Axial positions (Kitaev et al. 2020, arXiv 2001.04451, section 5; Ho et al. 2019, arXiv 1912.12180): a table for each axis of a grid
 * that the positions are folded into, so that n positions need about r · n^(1/r) rows.
 *
 * @throws OptionError for sizes below 1, or channels that do not add up to `dim`
 */
export function axialPositions(options: AxialOptions, dim: number): PositionEmbedding {
	const name = "axial positions";
	checkOptions(name, options, { shape: true, combine: true, dims: true });
	const { shape, combine = "concatenated", dims } = options;
	checkChoice(name, "combine", combine, ["concatenated", "summed"]);
	if (!Array.isArray(shape) || shape.length < 1)
		throw new OptionError(
			`${name}: shape is ${shape ? "empty" : shape}; expected a size for each axis, such as [64, 64]`,
		);
	for (const size of shape) checkNumber(name, "shape", size, { min: 1, integer: true });
	const summed = combine === "summed";
	if (summed && dims) throw new OptionError(`${name}: dims is given; summed axes have all ${dim} channels`);
	const widths = summed ? shape.map(() => dim) : (dims ?? equalParts(dim, shape.length));
	for (const width of widths) checkNumber(name, "dims", width, { min: 1, integer: true });
	const total = widths.reduce((a, b) => a + b, 0);
	if (widths.length !== shape.length || (!summed && total !== dim))
		throw new OptionError(
			`${name}: dims is [${widths.join(", ")}]; expected ${shape.length} widths that add up to dim, ${dim}`,
		);
	const count = shape.reduce((a, b) => a * b, 1);

	/** Rows of the whole grid, or of the slabs of its first axis that hold the positions asked for. */
	const slabs = (tables: readonly Tensor[], first: number, last: number): Tensor => {
		const grid = [last - first, ...shape.slice(1)];
		const spread = tables.map((table, axis) => {
			const own = axis === 0 ? slice(table, 0, first, last) : table;
			const width = widths[axis] as number;
			const aligned = reshape(own, [...grid.map((size, at) => (at === axis ? size : 1)), width]);
			return broadcastTo(aligned, [...grid, width]);
		});
		const joined = summed ? spread.reduce((a, b) => add(a, b)) : concat(spread, grid.length);
		return reshape(joined, [-1, dim]);
	};
	return {
		initialize: (draw) =>
			Object.fromEntries(
				shape.map((size, axis) => [`axis${axis}`, draw([size, widths[axis] as number], positionDeviation)]),
			),
		rows(parameters, position, length) {
			checkWithin(name, position + length, count, "a larger shape");
			const tables = shape.map((_, axis) => parameters[`axis${axis}`] as Tensor);
			const slab = count / (shape[0] as number);
			const first = Math.floor(position / slab);
			const last = Math.ceil((position + length) / slab);
			return scope(() => {
				const start = position - first * slab;
				return slice(slabs(tables, first, last), 0, start, start + length);
			});
		},
	};
}

function equalParts(total: number, count: number): number[] {
	return Array.from({ length: count }, (_, part) => Math.floor(total / count) + (part < total % count ? 1 : 0));
}
