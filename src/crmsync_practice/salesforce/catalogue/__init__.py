"""Further standard objects and fields, as tables of text: what clients look for in any org.

Names, types and picklists are those of the public object reference as far as remembered, most of it not verified
against a live org. Nothing here has behaviour of its own.
"""
