"""Damaged and foreign files: one line that names the file, never a shorter set or a wrong label."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from faultboard.errors import DataError
from support.encoded import column, mat, picture, record, table, telephone, wav
from support.real_archives import read

CWRU = "12k_Drive_End_Bearing_Fault_Data/IR/007/105_0.mat"
ADI = "0600_GoB_BS_BaLo_WA_00lb.Wfm.csv"
MOTOR = "A30/152.bmp"
IRT = "0/60Hz/images/diagonal/IR20211103_2275.png"
TILE = "MT_Free/Imgs/exp1_num_100.jpg"
BOARD = "group00041/00041/00041003_test.jpg"
BOXES = "group00041/00041_not/00041003.txt"
CLIP = "fan/normal_id_00_00000000.wav"
FEMTO = "Learning_set/Bearing1_1/acc_00561.csv"
FEMTO_4 = "Full_Test_Set/Bearing1_4/acc_00001.csv"
COPY = "Inner_Race/N15_M07_F10_KI04_1.csv"
PHONE = "Motor_1/02_Unbalanced_Rotor/2_Unbalance_Weights/Motor1_UnbalancedRotor_2Weights_Zaxis_22,5Hz.dat"
MIMII = "fan/id_00/normal/00000018.wav"


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def without_rows(content: bytes, first: int, last: int) -> bytes:
    rows = content.split(b";")
    return b";".join(rows[:first] + rows[last:])


# dataset, file, what it holds, what its reader must say of it
DAMAGE: dict[str, tuple[str, str, Callable[[], bytes], str]] = {
    "cwru empty": ("cwru", CWRU, bytes, "no MATLAB 5 file (0 bytes)"),
    "cwru text": ("cwru", CWRU, lambda: b"not here" * 100, "no MATLAB 5 file"),
    "cwru cut": ("cwru", CWRU, lambda: half(mat(X105_DE_time=None)), "ends after"),
    "cwru header only": ("cwru", CWRU, lambda: mat(X105_DE_time=None)[:130], "ends after 130"),
    # a file cut after its first variable, which scipy takes for a whole one
    "cwru variable missing": ("cwru", CWRU, lambda: mat(X105RPM=1797.0), "ends early, or is another file: variable"),
    "cwru other variable": ("cwru", CWRU, lambda: mat(X106_DE_time=None), "variable X105_DE_time not found"),
    "cwru samples missing": ("cwru", CWRU, lambda: mat(100_000, X105_DE_time=None), "100,000 of 121,265 samples"),
    "cwru text variable": ("cwru", CWRU, lambda: mat(X105_DE_time="wave"), "not one float64 channel"),
    "cwru other file": ("cwru", "Normal/500_0.mat", lambda: mat(X500_DE_time=None), "no file of this set"),
    "cwru 97 among faults": (
        "cwru", "12k_Drive_End_Bearing_Fault_Data/97_0.mat", lambda: mat(X097_DE_time=None), "no file of this set",
    ),
    "adi empty": ("adi_cbm", ADI, bytes, "holds 0 rows"),
    "adi rows missing": ("adi_cbm", ADI, lambda: table(19_999), "holds 19,999 rows, not 20,000 or 40,000"),
    "adi cut": ("adi_cbm", ADI, lambda: table()[:-5], "ends in the middle of a row (row 20,000)"),
    "adi other fields": ("adi_cbm", ADI, lambda: table(first="1 "), "5 fields in row 1, not 7"),
    "adi field missing": (
        "adi_cbm", ADI, lambda: table().replace(b";0.891 \r\n", b"\r\n", 1), "3 fields in row 2, not 4",
    ),
    "adi word": ("adi_cbm", ADI, lambda: table().replace(b"0.891", b"wave!", 1), "holds what is no number"),
    "adi other rate": ("adi_cbm", ADI, lambda: table(rate=10_000), "not recorded at 20,000 Hz"),
    "adi other state": ("adi_cbm", ADI.replace("BS", "XX"), table, "no file of this set"),
    "motor empty": ("motor_thermal", MOTOR, bytes, "no whole BMP picture (0 bytes)"),
    "motor text": ("motor_thermal", MOTOR, lambda: b"not a picture", "no whole BMP picture"),
    "motor cut": ("motor_thermal", MOTOR, lambda: half(picture("BMP", "RGB")), "no whole BMP picture"),
    "motor png": ("motor_thermal", MOTOR, lambda: picture("PNG", "RGB"), "no whole BMP picture"),
    "motor grey": ("motor_thermal", MOTOR, lambda: picture("BMP", "L"), "mode L, not RGB"),
    "motor other size": ("motor_thermal", MOTOR, lambda: picture("BMP", "RGB", 160, 120), "320 x 240"),
    "motor other class": ("motor_thermal", "A99/152.bmp", lambda: picture("BMP", "RGB"), "no file of this set"),
    "irt empty": ("bearing_irt", IRT, bytes, "no whole PNG picture"),
    "irt cut": ("bearing_irt", IRT, lambda: half(picture("PNG", "RGBA", 640, 480)), "no whole PNG picture"),
    "irt no transparency": ("bearing_irt", IRT, lambda: picture("PNG", "RGB", 640, 480), "mode RGB, not RGBA"),
    "irt state 2": ("bearing_irt", "2" + IRT[1:], lambda: picture("PNG", "RGBA", 640, 480), "no file of this set"),
    "tile empty": ("magnetic_tile", "MT_Blowhole/Imgs/exp1_num_108719.jpg", bytes, "no whole JPEG picture"),
    "tile cut": (
        "magnetic_tile", "MT_Blowhole/Imgs/exp1_num_108719.jpg", lambda: half(picture("JPEG", "L")), "no whole JPEG",
    ),
    "tile colour": (
        "magnetic_tile", "MT_Blowhole/Imgs/exp1_num_108719.jpg", lambda: picture("JPEG", "RGB"), "mode RGB, not L",
    ),
    "tile without a group": ("magnetic_tile", TILE, lambda: picture("JPEG", "L"), "no file of this set"),
    "board without boxes": ("deeppcb", BOARD, lambda: picture("JPEG", "L", 640, 640), "no boxes group00041"),
    "boxes without a board": ("deeppcb", BOXES, lambda: b"1 2 3 4 5\n", "no picture 00041003_test.jpg"),
    "board other group": ("deeppcb", BOARD.replace("/00041/", "/12000/"), bytes, "no file of this set"),
    "module other folder": ("ir_solar", "0.jpg", bytes, "no file of this set"),
    "clip empty": ("machine_sound_clips", CLIP, bytes, "no WAV file (0 bytes)"),
    "clip text": ("machine_sound_clips", CLIP, lambda: b"not a sound" * 20, "no WAV file"),
    "clip cut": ("machine_sound_clips", CLIP, lambda: half(wav()), "ends after 160,022 of 320,044 bytes"),
    "clip stereo": ("machine_sound_clips", CLIP, lambda: wav(channels=2), "2 channels, not"),
    "clip other rate": ("machine_sound_clips", CLIP, lambda: wav(rate=22_050), "22050 Hz"),
    "clip float": ("machine_sound_clips", CLIP, lambda: wav(subtype="FLOAT"), "WAV FLOAT"),
    "clip short toy": ("machine_sound_clips", "ToyCar/normal_id_04_00000006.wav", wav, "160,000 of 176,000"),
    "clip other type": ("machine_sound_clips", "gearbox/normal_id_00_00000000.wav", wav, "no file of this set"),
    "mimii empty": ("mimii_fan", MIMII, bytes, "no WAV file (0 bytes)"),
    # soundfile reads the part that is there and does not complain
    "mimii cut": ("mimii_fan", MIMII, lambda: half(wav(channels=8)), "ends after 1,280,"),
    "mimii channels": ("mimii_fan", MIMII, lambda: wav(channels=2), "2 channels, not"),
    "mimii other layout": ("mimii_fan", "fan/normal/00000018.wav", wav, "no file of this set"),
    "femto empty": ("femto", FEMTO, bytes, "holds 0 of 2,560 rows"),
    "femto rows missing": ("femto", FEMTO, lambda: record(2559), "holds 2,559 of 2,560 rows"),
    "femto cut": ("femto", FEMTO, lambda: record()[:-5], "ends in the middle of a row (row 2,560)"),
    "femto other separator": ("femto", FEMTO, lambda: record(between=";"), "has 1 fields in row 1, not 6"),
    "femto other bearing's separator": ("femto", FEMTO_4, record, "has 1 fields in row 1, not 6"),
    "femto word": ("femto", FEMTO, lambda: record().replace(b"0.125", b"wave!", 1), "holds what is no number"),
    "femto not text": ("femto", FEMTO, lambda: b"\xff" + record(), "is no text: byte 0"),
    # the same recordings again, under other numbers
    "femto test set": ("femto", FEMTO_4.replace("Full_", ""), lambda: record(between=";"), "no file of this set"),
    "femto beyond its life": ("femto", FEMTO.replace("00561", "02804"), record, "no file of this set"),
    "femto number 0": ("femto", FEMTO.replace("00561", "00000"), record, "no file of this set"),
    "femto other folder": ("femto", FEMTO.replace("Learning_set", "Full_Test_Set"), record, "no file of this set"),
    "copy empty": ("paderborn", COPY, bytes, "holds 0 of 128,000 rows"),
    "copy not cut": ("paderborn", COPY, lambda: column(128_001), "holds 128,001 of 128,000 rows"),
    "copy cut": ("paderborn", COPY, lambda: column()[:-3], "ends in the middle of a row (row 128,000)"),
    "copy two columns": ("paderborn", COPY, lambda: column().replace(b"\n", b",1\n"), "not hold one number a row"),
    "copy word": ("paderborn", COPY, lambda: column().replace(b"0.2625", b"wave!", 1), "holds what is no number"),
    "copy other state": ("paderborn", COPY.replace("Inner", "Outer"), column, "no file of this set"),
    "copy other bearing": ("paderborn", COPY.replace("KI04", "KI02"), column, "no file of this set"),
    "phone empty": ("phone_motors", PHONE, bytes, "holds no rows (0 bytes)"),
    "phone no rows": ("phone_motors", PHONE, lambda: telephone(0), "about 99 rows a second"),
    "phone cut": ("phone_motors", PHONE, lambda: half(telephone()), "it is cut short"),
    "phone mark missing": ("phone_motors", PHONE, lambda: telephone()[28:], "starts with"),
    "phone field missing": (
        "phone_motors", PHONE, lambda: telephone().replace(b";0.0,", b";", 1), "6 fields in row 1, not 7",
    ),
    "phone word": ("phone_motors", PHONE, lambda: telephone().replace(b"9.8,", b"wave!,", 1), "is no number"),
    "phone rows missing": (
        "phone_motors", PHONE, lambda: without_rows(telephone(), 100, 300), "about 99 rows a second",
    ),
    "phone rows twice": (
        "phone_motors", PHONE, lambda: telephone()[:-28] + telephone()[28:], "in the order of their time",
    ),
    "phone other state": ("phone_motors", PHONE.replace("2Weights", "4Weights"), telephone, "no file of this set"),
    "phone other motor": ("phone_motors", PHONE.replace("Motor_1", "Motor_2"), telephone, "no file of this set"),
    "phone repeated files": (
        "phone_motors", "Motor_2/00_Hardware_Limitations/Motor2_Healthy_Xaxis_20Hz.dat", telephone,
        "no file of this set",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_file_is_named(tmp_path: Path, case: str) -> None:
    dataset, name, content, fault = DAMAGE[case]
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content())
    with pytest.raises(DataError) as caught:
        read(dataset, tmp_path)
    assert str(caught.value).startswith(f"{name} ")
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


# whole files of the same making are read, so that each refusal above has the damage as its cause
WHOLE: dict[str, tuple[str, Callable[[], bytes], tuple[int, ...]]] = {
    "cwru": (CWRU, lambda: mat(X105_DE_time=None, X105_FE_time=None, X105RPM=1797.0, i=1.0), (121_265, 1)),
    "adi_cbm": (ADI, table, (20_000, 3)),
    "motor_thermal": (MOTOR, lambda: picture("BMP", "RGB"), (240, 320, 3)),
    "bearing_irt": (IRT, lambda: picture("PNG", "RGBA", 640, 480), (480, 640, 3)),
    "magnetic_tile": ("MT_Blowhole/Imgs/exp1_num_108719.jpg", lambda: picture("JPEG", "L"), (240, 320, 1)),
    "machine_sound_clips": (CLIP, wav, (160_000, 1)),
    "mimii_fan": (MIMII, lambda: wav(channels=8), (160_000, 8)),
    "paderborn": (COPY, column, (128_000, 1)),
    "phone_motors": (PHONE, telephone, (600, 3)),
}


@pytest.mark.parametrize("dataset", WHOLE)
def test_a_whole_file_is_read(tmp_path: Path, dataset: str) -> None:
    name, content, shape = WHOLE[dataset]
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content())
    (recording,) = read(dataset, tmp_path)
    assert recording.samples.shape == shape
    assert (recording.source, recording.id) == (name, name.removesuffix(".Wfm.csv").rsplit(".", 1)[0])


def test_a_recording_of_full_length_is_read(tmp_path: Path) -> None:
    (tmp_path / ADI).write_bytes(table(40_000))
    assert read("adi_cbm", tmp_path)[0].samples.shape == (40_000, 3)


def test_groups_and_masks_beside_the_tiles_are_left_alone(tmp_path: Path) -> None:
    """An archive's own groups split tiles in two, and its masks give the defect away."""
    folder = tmp_path / "MT_Blowhole" / "Imgs"
    folder.mkdir(parents=True)
    (folder / "exp1_num_108719.jpg").write_bytes(picture("JPEG", "L"))
    (folder / "exp1_num_108719.png").write_bytes(picture("PNG", "L"))
    (tmp_path / "tile_groups.csv").write_text("file,tile_group\nMT_Blowhole/Imgs/exp1_num_108719.jpg,tile_999\n")
    (recording,) = read("magnetic_tile", tmp_path)
    assert recording.columns["tile"] == "tile_000"


@pytest.mark.parametrize(("name", "between"), [(FEMTO, ","), (FEMTO_4, ";")])
def test_a_record_is_read_without_its_clock_and_number(tmp_path: Path, name: str, between: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_bytes(record(between=between))
    (found,) = read("femto", tmp_path)
    assert found.samples[:3].tolist() == [[0.0, 0.0], [0.125, 0.5], [0.25, 0.375]]
    assert found.samples.shape == (2560, 2)
    assert set(found.columns) == {"bearing", "condition", "phase"}
    assert name[-9:-4] not in found.id


def test_a_telephone_writes_decimals_with_a_comma(tmp_path: Path) -> None:
    path = tmp_path / PHONE
    path.parent.mkdir(parents=True)
    path.write_bytes(telephone())
    (found,) = read("phone_motors", tmp_path)
    assert found.columns == {"fault": "unbalanced", "motor": "1", "speed": "22.5 Hz", "orientation": "Z"}
    assert found.samples[0].tolist() == [0.0, 9.8, -0.2]
    # rows over the time between the first and the last
    assert found.rate == pytest.approx(599 / (599 * 10 // 17 * 16.777) * 1000, abs=0.01)
