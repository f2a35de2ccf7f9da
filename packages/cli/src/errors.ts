import { LongspanError } from "longspan";

/** Exit codes of the command; 0 is success only. The last is that of shells for Ctrl-C. */
export const exitCode = { failure: 1, usage: 2, interrupted: 130 } as const;

/** Something the person at the keyboard can put right: told in one line, without a stack. */
export class InputError extends Error {
	override name = "InputError";
	readonly exitCode: number = exitCode.failure;
}

/** A command line that cannot be understood. */
export class UsageError extends InputError {
	override name = "UsageError";
	override readonly exitCode = exitCode.usage;
}

/** What to tell of an error: one line where the cause is known, the stack where it is a bug. */
export function describeError(error: unknown): string {
	if (error instanceof InputError || error instanceof LongspanError || isSystemError(error))
		return oneLine(error.message);
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** An error of the operating system, such as a full disk. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
	return error instanceof Error && "syscall" in error && "code" in error;
}

/** Text with its line breaks turned into spaces. */
export function oneLine(text: string): string {
	return text.trim().replace(/\s*\n\s*/g, " ");
}
