using System.Runtime.CompilerServices;

namespace Cluster.Model.Tokenizers;

/// <summary>
/// The alphabet in which byte-level BPE vocabularies write bytes (GPT-2's <c>bytes_to_unicode</c>): printable Latin-1 bytes stand
/// for themselves, the other 68 are the characters from U+0100 on.
/// </summary>
internal static class ByteLevelAlphabet
{
    private const int FirstSubstitute = 0x100;
    private const int CharacterCount = FirstSubstitute + 68;
    private const short NotInAlphabet = -1;

    private static readonly short[] BytesByCharacter = BuildBytes();

    /// <summary>
    /// Writes the bytes that a text in the alphabet stands for. Characters outside the alphabet stand for their own UTF-8 bytes, so
    /// that an odd token still decodes to something. Never writes more bytes than the text has.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // runs over whole vocabularies when a program starts
    public static int Decode(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        int written = 0;
        for (int i = 0; i < text.Length;)
        {
            byte lead = text[i];
            bool isPair = lead is >= 0xC2 and <= 0xDF && i + 1 < text.Length && (text[i + 1] & 0xC0) == 0x80;
            int character = isPair ? ((lead & 0x1F) << 6) | (text[i + 1] & 0x3F) : lead;
            int length = isPair ? 2 : 1;
            short value = (isPair || lead < 0x80) && character < CharacterCount ? BytesByCharacter[character] : NotInAlphabet;
            if (value == NotInAlphabet)
            {
                text.Slice(i, length).CopyTo(destination[written..]);
                written += length;
            }
            else
            {
                destination[written++] = (byte)value;
            }
            i += length;
        }
        return written;
    }

    private static short[] BuildBytes()
    {
        var bytes = new short[CharacterCount];
        Array.Fill(bytes, NotInAlphabet);
        int substitute = FirstSubstitute;
        for (int value = 0; value < 256; value++)
        {
            bool standsForItself = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            bytes[standsForItself ? value : substitute++] = (short)value;
        }
        return bytes;
    }
}
