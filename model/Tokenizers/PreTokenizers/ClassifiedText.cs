using System.Buffers;
using System.Text;

namespace Cluster.Model.Tokenizers.PreTokenizers;

/// <summary>
/// A text as its UTF-8 bytes, its code points, their classes and the ends of its words. Rules work on code points, since the
/// characters of a .NET string are halves of those beyond the basic plane. Unpaired surrogates count as U+FFFD. Buffers are
/// pooled: dispose once.
/// </summary>
internal sealed class ClassifiedText : IDisposable
{
    private readonly byte[] _utf8;
    private readonly int[] _codePoints;
    private readonly int[] _offsets; // of each code point in _utf8; one more for the end
    private readonly CharacterClass[] _classes;
    private readonly bool[] _wordEnds; // by the code point after the end

    public ClassifiedText(ReadOnlySpan<char> text)
    {
        _utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        _codePoints = ArrayPool<int>.Shared.Rent(text.Length);
        _offsets = ArrayPool<int>.Shared.Rent(text.Length + 1);
        _classes = ArrayPool<CharacterClass>.Shared.Rent(text.Length);
        _wordEnds = ArrayPool<bool>.Shared.Rent(text.Length + 1);

        int bytes = 0;
        foreach (Rune character in text.EnumerateRunes())
        {
            _codePoints[Length] = character.Value;
            _classes[Length] = CharacterClasses.Of(character);
            _offsets[Length++] = bytes;
            bytes += character.EncodeToUtf8(_utf8.AsSpan(bytes));
        }
        _offsets[Length] = bytes;
        Array.Clear(_wordEnds, 0, Length + 1);
        EndWord(Length);
    }

    /// <summary>Code points of the text.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<int> CodePoints => _codePoints.AsSpan(0, Length);

    public ReadOnlySpan<CharacterClass> Classes => _classes.AsSpan(0, Length);

    /// <summary>Makes a word end before the code point at <paramref name="position"/>.</summary>
    public void EndWord(int position) => _wordEnds[position] = true;

    /// <summary>End, in code points, of the word that starts at <paramref name="start"/>.</summary>
    public int WordEnd(int start) => start + 1 + _wordEnds.AsSpan(start + 1, Length - start).IndexOf(true);

    /// <summary>UTF-8 of the code points from <paramref name="start"/> to <paramref name="end"/>.</summary>
    public ReadOnlySpan<byte> Utf8(int start, int end) => _utf8.AsSpan(_offsets[start].._offsets[end]);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_utf8);
        ArrayPool<int>.Shared.Return(_codePoints);
        ArrayPool<int>.Shared.Return(_offsets);
        ArrayPool<CharacterClass>.Shared.Return(_classes);
        ArrayPool<bool>.Shared.Return(_wordEnds);
    }
}
