import { type AnyTensor, type LanguageModelParameters, mapTree } from "longspan";

/** Name of a parameter in a file, from its path in the tree: `blocks[0].attention.query` is "blocks.0.attention.query". */
export function parameterName(path: string): string {
	return path.replace(/\[(\d+)\]/g, ".$1");
}

/** Every parameter of a model by its name. */
export function namedParameters(parameters: LanguageModelParameters): Map<string, AnyTensor> {
	const named = new Map<string, AnyTensor>();
	mapTree(parameters, (tensor, path) => {
		named.set(parameterName(path), tensor);
		return tensor;
	});
	return named;
}
