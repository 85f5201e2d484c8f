"""From folders of videos to judgements in a sink: a batch that never stops and loses nothing."""
