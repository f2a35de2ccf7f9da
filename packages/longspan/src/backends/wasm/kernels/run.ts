import { KernelId } from "./kernel-id";
import { fill, toFloat } from "./elementwise/fill";
import { unary } from "./elementwise/unary";
import { unaryGradient } from "./elementwise/unary-gradient";
import { binary } from "./elementwise/binary";
import { select } from "./elementwise/select";
import { copy } from "./elementwise/copy";
import { reduce } from "./axis/reduce";
import { maxGradient } from "./axis/max-gradient";
import { cumulativeMax } from "./axis/cumulative-max";
import { cumulativeSum } from "./axis/cumulative-sum";
import { softmax, softmaxGradient } from "./rows/softmax";
import { norm } from "./rows/norm";
import { normGradient } from "./rows/norm-gradient";
import { crossEntropy, crossEntropyGradient } from "./rows/cross-entropy";
import { gather, scatterAdd } from "./rows/gather";
import { signedArgMax } from "./rows/signed-arg-max";
import { random, dropout } from "./random/random";
import { matmul } from "./matrix/matmul";
import { gatherPacked, packRows } from "./matrix/packed-matrix";
import { mergeSoftmax, mergeSoftmaxGradient } from "./softmax-attention/merge-softmax";
import { runningState } from "./running-state/running-state";
import { runningStateGradient } from "./running-state/running-state-gradient";
import { softmaxAttention } from "./softmax-attention/softmax-attention";
import { softmaxAttentionGradient } from "./softmax-attention/softmax-attention-gradient";

/** Does items [first, last) of a kernel. */
export function runKernel(kernel: i32, args: usize, first: i32, last: i32): void {
	switch (kernel) {
		case KernelId.fill:
			return fill(args, first, last);
		case KernelId.unary:
			return unary(args, first, last);
		case KernelId.unaryGradient:
			return unaryGradient(args, first, last);
		case KernelId.binary:
			return binary(args, first, last);
		case KernelId.select:
			return select(args, first, last);
		case KernelId.copy:
			return copy(args, first, last);
		case KernelId.toFloat:
			return toFloat(args, first, last);
		case KernelId.reduce:
			return reduce(args, first, last);
		case KernelId.maxGradient:
			return maxGradient(args, first, last);
		case KernelId.cumulativeSum:
			return cumulativeSum(args, first, last);
		case KernelId.softmax:
			return softmax(args, first, last);
		case KernelId.softmaxGradient:
			return softmaxGradient(args, first, last);
		case KernelId.norm:
			return norm(args, first, last);
		case KernelId.normGradient:
			return normGradient(args, first, last);
		case KernelId.crossEntropy:
			return crossEntropy(args, first, last);
		case KernelId.crossEntropyGradient:
			return crossEntropyGradient(args, first, last);
		case KernelId.gather:
			return gather(args, first, last);
		case KernelId.scatterAdd:
			return scatterAdd(args, first, last);
		case KernelId.random:
			return random(args, first, last);
		case KernelId.dropout:
			return dropout(args, first, last);
		case KernelId.matmul:
			return matmul(args, first, last);
		case KernelId.softmaxAttention:
			return softmaxAttention(args, first, last);
		case KernelId.softmaxAttentionGradient:
			return softmaxAttentionGradient(args, first, last);
		case KernelId.runningState:
			return runningState(args, first, last);
		case KernelId.runningStateGradient:
			return runningStateGradient(args, first, last);
		case KernelId.mergeSoftmax:
			return mergeSoftmax(args, first, last);
		case KernelId.mergeSoftmaxGradient:
			return mergeSoftmaxGradient(args, first, last);
		case KernelId.cumulativeMax:
			return cumulativeMax(args, first, last);
		case KernelId.signedArgMax:
			return signedArgMax(args, first, last);
		case KernelId.packRows:
			return packRows(args, first, last);
		case KernelId.gatherPacked:
			return gatherPacked(args, first, last);
		default:
			unreachable();
	}
}
