import { LongspanError } from "longspan";
import { InputError, UsageError } from "../errors.js";

/** Names the file in errors that tell of its contents. */
export function explained<T>(path: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (error instanceof LongspanError || error instanceof UsageError)
			throw new InputError(`"${path}" cannot be used: ${error.message}`);
		throw error;
	}
}
