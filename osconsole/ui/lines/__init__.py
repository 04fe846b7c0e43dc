"""The virtual line engine under tables, trees and text. Knows cells and keys, not what they mean."""
