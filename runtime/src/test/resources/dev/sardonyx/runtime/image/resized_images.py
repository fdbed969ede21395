"""Makes the images that PreprocessingTest and ImageBytesTest compare with: a picture, and what
Pillow makes of it; the same in inks for print, and what Pillow makes of these.

    python resized_images.py FOLDER
"""

import pathlib
import sys

from PIL import Image


def picture(width, height):
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            checks = 255 if (x // 3 + y // 5) % 2 else 0
            image.putpixel((x, y), (x * 255 // width, checks, (x * y * 7) % 256))
    return image


folder = pathlib.Path(sys.argv[1])
image = picture(53, 37)
image.save(folder / "picture.png")
image.resize((20, 30), Image.Resampling.BILINEAR).save(folder / "bilinear-smaller.png")
image.resize((71, 90), Image.Resampling.BILINEAR).save(folder / "bilinear-larger.png")
image.resize((20, 30), Image.Resampling.NEAREST).save(folder / "nearest.png")
image.convert("L").save(folder / "gray.png")

# A key makes darker what the other inks leave.
inks = Image.merge("CMYK", [*image.convert("CMYK").split()[:3], image.convert("L")])
inks.save(folder / "inks.jpg", quality=90, subsampling=0)
Image.open(folder / "inks.jpg").convert("RGB").save(folder / "inks.png")
