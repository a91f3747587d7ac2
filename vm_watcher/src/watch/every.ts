/** Runs a task again and again, each time `pauseMs` after it has ended. @returns stops it and waits for a running one */
export function every(pauseMs: number, task: () => Promise<void>): () => Promise<void> {
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let running = run();

  async function run(): Promise<void> {
    await task();
    if (!closed) timer = setTimeout(runAgain, pauseMs);
  }

  function runAgain(): void {
    running = run();
  }

  return async () => {
    closed = true;
    clearTimeout(timer);
    await running;
  };
}
