import { sampleToken } from "../generate/sample-token.js";
import type { SamplingOptions } from "../generate/sampling/sampling-options.js";
import { scoresAfter } from "../generate/scores-after.js";
import type { Device } from "../tensor/device.js";
import type { LanguageModelSession } from "./language-model.js";

export interface ImagePlan extends SamplingOptions {
	/** Number of images, the batch of the session. */
	readonly count: number;
	readonly elements: number;
	/** Elements of a row. */
	readonly rowSize: number;
	readonly levels: number;
	/** The first elements of every image, one image after the other. */
	readonly known: ArrayLike<number>;
	readonly onRow?: ((rows: number) => void) | undefined;
}

/** Draws the elements that are not known, one of every image at a time: [count, elements]. */
export async function sampleImages(
	session: LanguageModelSession,
	{ count, elements, rowSize, levels, known, onRow, ...sampling }: ImagePlan,
	device: Device,
): Promise<Int32Array> {
	const images = Array.from({ length: count }, () => new Int32Array(elements));
	const first = known.length / count;
	images.forEach((image, index) => {
		for (let element = 0; element < first; element++) image[element] = known[index * first + element] as number;
	});
	let next = images.flatMap((image) => [levels, ...image.subarray(0, first)]);
	for (let element = first; element < elements; element++) {
		const scores = await scoresAfter(session, next, device, count);
		next = images.map((image, index) => {
			// The last score is that of the start token.
			const own = scores.subarray(index * (levels + 1), (index + 1) * (levels + 1) - 1);
			const value = sampleToken(own, { ...sampling, position: index * elements + element });
			image[element] = value;
			return value;
		});
		if ((element + 1) % rowSize === 0) onRow?.((element + 1) / rowSize);
	}
	return Int32Array.from(images.flatMap((image) => [...image]));
}
