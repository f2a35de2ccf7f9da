/** Shows one changing line on stderr if that is a terminal; an empty text removes it. */
export function progressLine(): (text: string) => void {
	const { stderr } = process;
	return (text) => {
		if (!stderr.isTTY) return;
		stderr.clearLine(0);
		stderr.cursorTo(0);
		stderr.write(text.slice(0, stderr.columns - 1));
	};
}
