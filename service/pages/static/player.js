// A <video> that can go one frame on or back. Clips may have a variable frame rate, so the time of the frame that
// is really shown is taken from the browser (requestVideoFrameCallback), never computed from a rate.

const EPSILON_S = 0.001;
const SMALLEST_STEP_S = 1 / 120;
const LARGEST_STEP_S = 0.6;
const FRAME_PATIENCE_MS = 150;

export class Player {
  constructor(video) {
    this.video = video;
    this.shown = 0; // media time of the frame on screen, seconds
    this.step = null; // the smallest gap between frames seen so far: a busy browser drops some, so others are larger
    this.busy = false;
    this.watch();
  }

  watch() {
    this.video.requestVideoFrameCallback?.((_now, { mediaTime }) => {
      const gap = mediaTime - this.shown;
      if (gap > SMALLEST_STEP_S) this.step = Math.min(gap, this.step ?? gap);
      this.shown = mediaTime;
      this.watch();
    });
  }

  toggle() {
    if (this.video.paused) this.video.play().catch(() => {}); // a file that cannot play shows its own notice
    else this.video.pause();
  }

  async go(direction) {
    if (this.busy) return;
    this.busy = true;
    this.video.pause();
    const from = this.shown;
    if (direction < 0) await this.seek(from - EPSILON_S);
    else for (let ahead = this.step ?? SMALLEST_STEP_S; ahead < LARGEST_STEP_S && this.shown === from; ahead += SMALLEST_STEP_S) {
      if (from + ahead >= this.video.duration) break;
      await this.seek(from + ahead + EPSILON_S);
    }
    this.busy = false;
  }

  // Resolves when the frame at that time is on screen, or when the browser shows none because it is there already.
  seek(time) {
    return new Promise((resolve) => {
      this.video.addEventListener("seeked", () => {
        const patience = setTimeout(resolve, FRAME_PATIENCE_MS);
        this.video.requestVideoFrameCallback?.(() => { clearTimeout(patience); resolve(); });
      }, { once: true });
      this.video.currentTime = Math.max(0, time);
    });
  }
}
