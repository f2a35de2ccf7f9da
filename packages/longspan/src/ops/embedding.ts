import { record } from "../autograd/tape.js";
import { DeviceError, ShapeError } from "../errors.js";
import { emptyTensor } from "../tensor/create.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkIds } from "./check-ids.js";
import { checkOperands } from "./operands.js";
import { type Matrix, PackedMatrix } from "./packed-matrix.js";

/**
 * Rows of a table by index (an embedding, or any gather of rows). The gradient of a table that is a tensor adds the rows that met
 * the same id.
 *
 * @param table [rows, width]
 * @param ids int32 [...], 0 to rows - 1
 * @returns [..., width]
 */
export function embedding(table: Matrix, ids: Tensor<"int32">): Tensor {
	return table instanceof PackedMatrix ? gatherPacked(table, ids) : gatherRows(table, ids);
}

function gatherPacked(table: PackedMatrix, ids: Tensor<"int32">): Tensor {
	const { device } = table;
	if (checkOperands("embedding", { ids }, "int32") !== device)
		throw new DeviceError(
			`embedding: argument ids is on device "${ids.device.description}", the table on "${device.description}"`,
		);
	const [rows, width] = table.shape;
	checkIds("embedding", "ids", ids, rows);
	const out = emptyTensor(device, [...ids.shape, width]);
	device.backend.gatherPacked(table.buffer, ids.buffer, out.buffer);
	return out;
}

function gatherRows(table: Tensor, ids: Tensor<"int32">): Tensor {
	const device = checkOperands("embedding", { table });
	checkOperands("embedding", { ids }, "int32");
	if (table.rank !== 2)
		throw new ShapeError(`embedding: argument table has shape ${formatShape(table.shape)}; expected [rows, width]`);
	const [rows, width] = table.shape as [number, number];
	checkIds("embedding", "ids", ids, rows);
	const out = emptyTensor(device, [...ids.shape, width]);
	device.backend.gather(table.buffer, ids.buffer, out.buffer, width);
	record([table], [out], {
		save: [ids],
		backward: ([saved], [dy]) => {
			if (!dy) return [null];
			const dTable = emptyTensor(device, table.shape);
			device.backend.scatterAdd((saved as Tensor<"int32">).buffer, dy.buffer, dTable.buffer, width);
			return [dTable];
		},
	});
	return out;
}
