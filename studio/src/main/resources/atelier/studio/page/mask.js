// The picture that drawing starts from, and a brush that says what of it is redrawn.
import { say } from "/static/api.js";

const LONGEST = 1024;

/** A canvas that shows a picture with what is painted over it; works with mouse, pen, finger and keys. */
export class Brush {
  constructor(canvas) {
    this.canvas = canvas;
    this.picture = null;
    this.mask = document.createElement("canvas");
    this.size = 30;
    this.active = false;
    this.painted = false;
    this.at = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (this.active) {
        canvas.setPointerCapture(event.pointerId);
        this.last = this.place(event);
        this.stroke(this.last);
      }
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.active && event.buttons) {
        this.stroke(this.place(event));
      }
    });
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  /** Takes a file or blob in; what was painted before is gone. */
  async open(file) {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    this.canvas.width = this.mask.width = Math.max(1, Math.round(picture.width * scale));
    this.canvas.height = this.mask.height = Math.max(1, Math.round(picture.height * scale));
    this.picture = picture;
    this.file = file;
    this.clear();
  }

  activate(on) {
    this.active = on;
    if (on) {
      this.canvas.tabIndex = 0;
      this.at = [this.canvas.width / 2, this.canvas.height / 2];
    } else {
      this.canvas.removeAttribute("tabindex");
      this.at = null;
    }
    this.show();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * this.canvas.width) / box.width, ((event.clientY - box.top) * this.canvas.height) / box.height];
  }

  key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (!this.active || (!moves[event.key] && event.key !== " ")) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (event.key === " ") {
      this.last = this.at;
      this.stroke(this.at);
      say("painted");
    } else {
      const far = Math.max(2, this.size / 2);
      this.at = [
        Math.min(this.canvas.width, Math.max(0, this.at[0] + moves[event.key][0] * far)),
        Math.min(this.canvas.height, Math.max(0, this.at[1] + moves[event.key][1] * far)),
      ];
      this.show();
    }
  }

  stroke(to) {
    const pen = this.mask.getContext("2d");
    pen.strokeStyle = "#fff";
    pen.lineWidth = this.size;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(...(this.last || to));
    pen.lineTo(...to);
    pen.stroke();
    this.last = to;
    if (this.at) {
      this.at = to;
    }
    this.painted = true;
    this.show();
  }

  clear() {
    this.mask.getContext("2d").clearRect(0, 0, this.mask.width, this.mask.height);
    this.painted = false;
    this.show();
  }

  invert() {
    const pen = this.mask.getContext("2d");
    pen.globalCompositeOperation = "xor";
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, this.mask.width, this.mask.height);
    pen.globalCompositeOperation = "source-over";
    this.painted = true;
    this.show();
  }

  show() {
    if (!this.picture) {
      return;
    }
    const pen = this.canvas.getContext("2d");
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.drawImage(this.picture, 0, 0, this.canvas.width, this.canvas.height);
    if (this.active) {
      pen.globalAlpha = 0.6;
      pen.drawImage(this.mask, 0, 0);
      pen.globalAlpha = 1;
      if (this.at) {
        pen.lineWidth = 3;
        for (const [colour, extra] of [["#000", 2], ["#fff", 0]]) {
          pen.strokeStyle = colour;
          pen.beginPath();
          pen.arc(this.at[0], this.at[1], this.size / 2 + extra, 0, 7);
          pen.stroke();
        }
      }
    }
  }

  /** The picture's file in base64. */
  async pictureBase64() {
    const buffer = new Uint8Array(await this.file.arrayBuffer());
    let text = "";
    for (let at = 0; at < buffer.length; at += 8192) {
      text += String.fromCharCode(...buffer.subarray(at, at + 8192));
    }
    return btoa(text);
  }

  /** White where it is redrawn, black elsewhere; of the picture's own size. */
  maskBase64() {
    const whole = document.createElement("canvas");
    whole.width = this.picture.width;
    whole.height = this.picture.height;
    const pen = whole.getContext("2d");
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, whole.width, whole.height);
    pen.drawImage(this.mask, 0, 0, whole.width, whole.height);
    return whole.toDataURL("image/png").split(",")[1];
  }
}
