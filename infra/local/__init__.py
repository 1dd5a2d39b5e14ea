"""The local AWS: MiniStack with our plug-in, a receiver in Logstash's place, and the demo.

Nothing here needs an account, a container or a network beyond this machine, and nothing stays
behind however it ends.
"""
