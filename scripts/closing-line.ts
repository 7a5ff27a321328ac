import type { Reporter, TestModule } from 'vitest/node'

/** Prints `N passed, N failed, N skipped` last. A file that could not be loaded counts as a failed test. */
export const closingLine: Reporter = {
  onTestRunEnd: (modules, unhandledErrors) => {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      if (loadFailed(module)) count.failed++
      for (const test of module.children.allTests()) count[test.result().state]++
    }
    // After the default reporter's own summary.
    process.once('exit', () => {
      console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped`)
    })
  },
}

const loadFailed = (module: TestModule): boolean => module.state() === 'failed' && module.errors().length > 0
