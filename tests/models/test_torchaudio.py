"""Mel filters and resampling give what torchaudio 2.11 gave, to the last bit: committed numbers rest on them.

Tests alone need torchaudio. A build of it that fits another torch raises what it likes when it is imported.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from faultboard.models.inputs import logmel_panns
from faultboard.models.inputs.kaldi import mel_bank
from faultboard.models.inputs.waveform import at_rate

try:
    from torchaudio.compliance.kaldi import get_mel_banks
    from torchaudio.functional import melscale_fbanks, resample
except (ImportError, OSError, RuntimeError) as error:
    pytest.skip(f"no torchaudio: {error}", allow_module_level=True)


@pytest.mark.parametrize(
    ("bands", "points", "rate", "low", "high"),
    [(64, 512, 16_000, 125.0, 7_500.0), (128, 512, 16_000, 20.0, 8_000.0), (128, 1024, 32_000, 0.0, 15_000.0)],
    ids=["vggish and yamnet", "ast", "efficientat"],
)
def test_kaldis_filters(bands: int, points: int, rate: int, low: float, high: float) -> None:
    expected, _ = get_mel_banks(bands, points, float(rate), low, high, 100.0, -500.0, 1.0)
    found = mel_bank(bands, points, rate, low, high)
    assert torch.equal(found[:, :-1], expected)
    assert not found[:, -1].any()


def test_slaneys_filters() -> None:
    expected = melscale_fbanks(513, 50.0, 14_000.0, 64, 32_000, norm="slaney", mel_scale="slaney")
    assert torch.equal(logmel_panns.bank(), expected.T)


# rates of the data sets and of common recorders, and some that are no ratio of small numbers
RATES = [533.0, 533.3, 2_560.0, 8_000.0, 12_000.0, 12_800.0, 20_480.0, 22_050.0, 25_600.0, 42_000.0, 44_100.0,
         48_000.0, 48_828.125, 51_200.0, 65_536.0, 97_656.0]  # fmt: skip


@pytest.mark.parametrize("wanted", [16_000, 32_000])
@pytest.mark.parametrize("rate", RATES)
def test_resampling(rate: float, wanted: int) -> None:
    ratio = Fraction(wanted / rate).limit_denominator(1000)
    # 5 is shorter than the filter; of the two longest, single precision loses the last sample at some rates
    for shape in [(1, 5), (3, 1_024), (2, 4_097), (1, 100_271), (1, 100_724)][: None if rate > 2_000 else 2]:
        wave = torch.randn(shape, generator=torch.Generator().manual_seed(shape[1]))
        expected = resample(
            wave, ratio.denominator, ratio.numerator, lowpass_filter_width=64, rolloff=0.9476,
            resampling_method="sinc_interp_kaiser", beta=14.769656459379492,
        )  # fmt: skip
        assert torch.equal(at_rate(wave, rate, wanted), expected)
