// An input method, as Chromium's own tests drive one: drafts that replace one another, and a word that stays.

export class InputMethod {
  /** @param {import('playwright-core').CDPSession} session */
  constructor(session) {
    this.session = session
  }

  /** @param {import('playwright-core').Page} page */
  static async of(page) {
    return new InputMethod(await page.context().newCDPSession(page))
  }

  /** Show a draft in place of the one before. @param {string} text */
  draft(text) {
    return this.session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
  }

  /** End the composition with what it has become. @param {string} text */
  commit(text) {
    return this.session.send('Input.insertText', { text })
  }

  /** A word in several drafts, then the last of them. @param {string[]} drafts */
  async word(drafts) {
    for (const text of drafts) await this.draft(text)
    await this.commit(drafts.at(-1) ?? '')
  }
}
