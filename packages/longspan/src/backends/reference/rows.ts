import type { RowKernels } from "../backend.js";
import { floats, integers } from "./buffers.js";
import { normKernels } from "./norm.js";
import { dot, logSumExp, logSumExpParts } from "./vectors.js";

export const rowKernels: RowKernels = {
	...normKernels,

	softmax(x, out, rows, columns, logarithm) {
		const input = floats(x);
		const output = floats(out);
		for (let start = 0; start < rows * columns; start += columns) {
			const { largest, logRest } = logSumExpParts(input.subarray(start, start + columns));
			for (let i = start; i < start + columns; i++) {
				const logProbability = largest === -Infinity ? -Infinity : input[i]! - largest - logRest;
				output[i] = logarithm ? logProbability : Math.exp(logProbability);
			}
		}
	},

	softmaxGradient(y, dy, dx, rows, columns, logarithm) {
		const output = floats(y);
		const outputGradient = floats(dy);
		const inputGradient = floats(dx);
		for (let start = 0; start < rows * columns; start += columns) {
			const end = start + columns;
			if (logarithm) {
				let total = 0;
				for (let i = start; i < end; i++) total += outputGradient[i]!;
				for (let i = start; i < end; i++) inputGradient[i] = outputGradient[i]! - Math.exp(output[i]!) * total;
			} else {
				const mean = dot(output, start, outputGradient, start, columns);
				for (let i = start; i < end; i++) inputGradient[i] = output[i]! * (outputGradient[i]! - mean);
			}
		}
	},

	crossEntropy({ logits, targets, loss, logSumExp: total, rows, classes, ignoreIndex }) {
		const scores = floats(logits);
		const wanted = integers(targets);
		for (let row = 0; row < rows; row++) {
			const start = row * classes;
			const rowTotal = logSumExp(scores.subarray(start, start + classes));
			const target = wanted[row]!;
			floats(total)[row] = rowTotal;
			floats(loss)[row] = target === ignoreIndex ? 0 : rowTotal - scores[start + target]!;
		}
	},

	crossEntropyGradient({ logits, targets, logSumExp: total, dLoss, dLogits, rows, classes, ignoreIndex }) {
		const scores = floats(logits);
		const wanted = integers(targets);
		const gradient = floats(dLogits);
		for (let row = 0; row < rows; row++) {
			const target = wanted[row]!;
			for (let c = 0; c < classes; c++) {
				const at = row * classes + c;
				const probability = Math.exp(scores[at]! - floats(total)[row]!);
				const difference = probability - (c === target ? 1 : 0);
				gradient[at] = target === ignoreIndex ? 0 : floats(dLoss)[row]! * difference;
			}
		}
	},

	gather(table, ids, out, width) {
		const rows = floats(table);
		const output = floats(out);
		integers(ids).forEach((id, i) => {
			output.set(rows.subarray(id * width, (id + 1) * width), i * width);
		});
	},

	scatterAdd(ids, dy, dTable, width) {
		const rowGradients = floats(dy);
		const table = floats(dTable).fill(0);
		integers(ids).forEach((id, i) => {
			for (let c = 0; c < width; c++) table[id * width + c]! += rowGradients[i * width + c]!;
		});
	},

	signedArgMax(x, out, rows, widths) {
		const input = floats(x);
		let at = 0;
		for (let row = 0; row < rows; row++) {
			let [code, place] = [0, 1];
			for (const width of widths) {
				const segment = input.subarray(at, at + width);
				const both = [...segment, ...segment.map((value) => -value)];
				let best = 0;
				both.forEach((value, index) => {
					if (value > both[best]!) best = index;
				});
				code += place * best;
				place *= 2 * width;
				at += width;
			}
			integers(out)[row] = code;
		}
	},
};
