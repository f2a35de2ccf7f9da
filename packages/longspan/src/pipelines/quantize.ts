import { OptionError } from "../errors.js";
import { FeatureTensor } from "./feature-tensor.js";

/**
 * One bit for each number of embeddings: 1 where it is positive. Eight make a byte, the first the highest bit; of "binary", bytes are
 * 128 less, to be signed.
 *
 * @throws OptionError if the last axis is no multiple of 8
 */
export function quantizeFeatures(
	name: string,
	{ data, dims }: FeatureTensor,
	precision: "binary" | "ubinary",
): FeatureTensor {
	const width = dims.at(-1) as number;
	if (width % 8 !== 0)
		throw new OptionError(`${name}: embeddings have ${width} numbers; expected a multiple of 8 for quantize`);
	const bytes = Uint8Array.from({ length: data.length / 8 }, (_, index) => {
		let byte = 0;
		for (let bit = 0; bit < 8; bit++) byte = (byte << 1) | ((data[index * 8 + bit] as number) > 0 ? 1 : 0);
		return byte;
	});
	const packed = [...dims.slice(0, -1), width / 8];
	if (precision === "ubinary") return new FeatureTensor("uint8", bytes, packed);
	return new FeatureTensor(
		"int8",
		Int8Array.from(bytes, (byte) => byte - 128),
		packed,
	);
}
