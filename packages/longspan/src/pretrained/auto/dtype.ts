import { checkChoice } from "../../ops/operands.js";
import type { MatrixFormat } from "../../ops/packed-matrix.js";

/** How matrices of a model are kept in memory, by the names of transformers.js. Products are summed in float32 whatever it is. */
export type ModelDType = "fp32" | "fp16" | "bf16" | "q8";

const formats: Readonly<Record<ModelDType, MatrixFormat>> = {
	fp32: "float32",
	fp16: "float16",
	bf16: "bfloat16",
	q8: "int8",
};

/** The format of packed matrices that a dtype names. */
export function matrixFormatOf(operation: string, dtype: ModelDType): MatrixFormat {
	checkChoice(operation, "dtype", dtype, Object.keys(formats));
	return formats[dtype];
}
