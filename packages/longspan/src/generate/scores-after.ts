import { intTensor } from "../tensor/create.js";
import type { Device } from "../tensor/device.js";
import { keep, scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";

/** What can be fed tokens, int32 [batch, length], and scores what follows, [batch, vocabularySize]. */
interface TokenReader {
	append(ids: Tensor<"int32">): Tensor;
}

/** Feeds ids, one sequence after the other, and reads the scores of what follows each: [batch, vocabularySize]. */
export async function scoresAfter(
	session: TokenReader,
	ids: ArrayLike<number>,
	device: Device,
	batch = 1,
): Promise<Float32Array> {
	const scores = keep(scope(() => session.append(intTensor(ids, [batch, ids.length / batch], device))));
	try {
		return await scores.data();
	} finally {
		scores.dispose();
	}
}
