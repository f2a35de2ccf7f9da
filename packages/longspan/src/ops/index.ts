export { add, div, mul, sub } from "./arithmetic.js";
export { broadcastTo } from "./broadcast.js";
export { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.js";
export { cumsum } from "./cumsum.js";
export { embedding } from "./embedding.js";
export { type LinearActivation, type LinearOptions, linear } from "./linear.js";
export { type MatmulOptions, matmul } from "./matmul.js";
export { layerNorm, type NormOptions, rmsNorm } from "./norm.js";
export { type Matrix, type MatrixFormat, PackedMatrix } from "./packed-matrix.js";
export { dropout, normal, type RandomSource, uniform } from "./random.js";
export { max, mean, type ReduceOptions, sum } from "./reduce.js";
export { reshape } from "./reshape.js";
export { concat, pad, slice } from "./slice.js";
export { logSoftmax, softmax } from "./softmax.js";
export { toFloat } from "./to-float.js";
export { transpose } from "./transpose.js";
export {
	cos,
	elu,
	eluPlusOne,
	exp,
	gelu,
	log,
	neg,
	pow,
	relu,
	sigmoid,
	silu,
	sin,
	softplus,
	sqrt,
	tanh,
} from "./unary.js";
export { where } from "./where.js";
