import { record } from "../../autograd/tape.js";
import { ShapeError } from "../../errors.js";
import { checkOperands } from "../../ops/operands.js";
import { emptyTensor } from "../../tensor/create.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GlobalLists } from "./globals.js";

/** Checks outputs of global rows that a caller gives: [batch, heads, as many as the longest list, valueDim]. */
export function checkGlobalRows(name: string, rows: Tensor, v: Tensor, lists: GlobalLists): void {
	checkOperands(name, { v, globalRows: rows });
	const [batch, heads, , width] = v.shape as [number, number, number, number];
	const most = Math.max(...lists.map((list) => list.length));
	if (!sameShape(rows.shape, [batch, heads, most, width]))
		throw new ShapeError(
			`${name}: globalRows has shape ${formatShape(rows.shape)}; expected ${formatShape([batch, heads, most, width])}, a row for each global token of the entry that has most`,
		);
}

/**
 * The rows of global tokens put into the output of the others. `local`, in which they are empty and which nothing else may use, is
 * written in place: what the tape keeps of it is not read at these rows, since no plan names them.
 *
 * @param rows [batch, heads, count, width], in the order of the positions; those beyond the list of an entry are not read
 * @param lists positions, for all batch entries or for each
 */
export function putGlobalRows(local: Tensor, rows: Tensor, lists: GlobalLists): Tensor {
	const { device } = local;
	const [batch, heads, length, width] = local.shape as [number, number, number, number];
	const count = rows.shape[2] as number;
	/** Calls `copy` for each run of neighbouring positions, with offsets of its first row in the whole and in the rows. */
	const forRuns = (copy: (run: number, whole: number, listed: number) => void) => {
		for (let entry = 0; entry < batch; entry++) {
			const list = lists[lists.length > 1 ? entry : 0] as readonly number[];
			for (let at = 0; at < list.length; ) {
				const first = list[at] as number;
				let run = 1;
				while (list[at + run] === first + run) run++;
				copy(run, (entry * heads * length + first) * width, (entry * heads * count + at) * width);
				at += run;
			}
		}
	};
	const wholeStrides = [length * width, width, 1];
	const listedStrides = [count * width, width, 1];
	const out = local.view();
	forRuns((run, whole, listed) =>
		device.backend.copy(rows.buffer, out.buffer, {
			shape: [heads, run, width],
			sourceOffset: listed,
			sourceStrides: listedStrides,
			targetOffset: whole,
			targetStrides: wholeStrides,
		}),
	);
	record([local, rows], [out], {
		save: [],
		backward: (_, [dy]) => {
			if (!dy) return [];
			const dRows = emptyTensor(device, rows.shape);
			device.backend.fill(dRows.buffer, 0);
			forRuns((run, whole, listed) =>
				device.backend.copy(dy.buffer, dRows.buffer, {
					shape: [heads, run, width],
					sourceOffset: whole,
					sourceStrides: wholeStrides,
					targetOffset: listed,
					targetStrides: listedStrides,
				}),
			);
			return [dy.view(), dRows];
		},
	});
	return out;
}
