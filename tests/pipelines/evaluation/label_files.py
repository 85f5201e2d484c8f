"""A folder of labels as people keep them, small enough to spoil line by line."""

from __future__ import annotations

from pathlib import Path

from tests.pipelines.tiny_videos import write_square_video

FILES = {
    "clips.csv": (
        "name,file,warning\nsquare,square.mp4,hard cut at 1.2 s\n"
        'quiet,quiet.mp4,"end card from 0.5 s, title card until 0.2 s"\n'
    ),
    "events.csv": (
        "name,kind,id,start_s,end_s,front_at_line_s,rear_past_line_s,vehicle,box_at_s,x1,y1,x2,y2,confidence,note\n"
        "square,litter,,0.0,2.0,,,,1.0,150,170,190,200,sure,white square\n"
        "square,litter,,0.0,2.0,,,,1.0,10,10,30,30,sure,never there\n"
        "square,red_light_running,M1/b,1.0,2.0,1.2,1.6,car,,,,,,likely,\n"
        'quiet,at_rest,,0.0,1.0,,,,0.5,50,50,90,90,"stationary sure, but off the road",a car\n'
    ),
    "windows.csv": (
        "clip,kind,from_s,to_s,complete,note\nsquare,litter,0,2,yes,\nquiet,none,0,2,yes,\nquiet,litter,0,2,no,\n"
    ),
    "lights.csv": (
        "name,x1,y1,x2,y2,t0,t1,state\nquiet,10,10,14,20,0,1,red (left arrow)\nquiet,10,10,14,20,1,2,red+yellow\n"
    ),
    "tracks.csv": "clip,id,frame,pts_s,x1,y1,x2,y2,key\nsquare,M1,1,1.1,0,0,20,20,1\n",
    "sites.csv": (
        "clip,t0,t1,stop_x1,stop_y1,stop_x2,stop_y2,approach_x,approach_y,"
        "signal_x1,signal_y1,signal_x2,signal_y2,crosswalk,note\n"
        'square,0,2,0,100,300,100,150,200,10,10,20,30,"0,80;300,80;300,95;0,95",\n'
        "square,0,2,0,120,300,120,150,200,10,10,20,30,,\n"
    ),
}

OBJECTS = (
    "frame,pts_s,track_id,class,x1,y1,x2,y2,x_forward_m,y_left_m,speed_mps,at_rest,truncated,length_m,width_m,"
    "yaw_rel_rad,track_speed_mps\n"
    "0,0.0,0,Car,100,100,140,130,20,2,0,1,0,4,2,0,0.1\n"
    "0,0.0,1,Van,10,100,40,130,25,5,5,0,0,4,2,0,5.0\n"
    "1,0.5,2,Truck,10,100,40,130,25,5,5,,0,4,2,0,\n"
    "0,0.0,3,Pedestrian,1,1,9,9,9,9,1,0,0,1,1,0,1\n"
)


def write_labels(folder: Path, **changes: str) -> Path:
    """`changes`: text of a file by its name without suffix; None of the others is touched."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(changes.get(name.removesuffix(".csv"), text), encoding="utf-8")
    for name, shade in (("square", 90), ("quiet", 120)):
        write_square_video(folder / f"{name}.mp4", 4.0, shade, square=name == "square")
    return folder


CAMERA = '{"fx": 700.0, "cx": 150.5, "cy": 120.0, "width": 320, "height": 240, "camera_height_m": 1.65, "note": "x"}'


def write_drive(folder: Path, objects: str = OBJECTS, camera: str | None = None) -> Path:
    """`camera`: text of a camera.json; None: there is none."""
    drive = folder / "one"
    write_square_video(drive / "one.mp4", shade=70, square=False)
    (drive / "objects.csv").write_text(objects, encoding="utf-8")
    (drive / "ego.csv").write_text("pts_s,speed_mps\n0.0,10.0\n2.0,8.0\n", encoding="utf-8")
    if camera is not None:
        (drive / "camera.json").write_text(camera, encoding="utf-8")
    return folder
