"""What methods of the standard library give, as far as our own types come out of them again.

Source: doc.rust-lang.org/std, the pages of Option, Result, Iterator, Vec, HashMap and the smart
pointers. A type of our own that has a method of such a name is asked first.
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Give the words of a text."""
    return frozenset(text.split())


# The value stays what it is, a wrapper more or less: `Option<T>` has the members of `T`.
STAYS = words(
    """
    unwrap expect unwrap_or unwrap_or_default unwrap_or_else unwrap_unchecked ok err ok_or
    ok_or_else or or_else map_err as_ref as_mut as_deref as_deref_mut clone cloned copied
    to_owned borrow borrow_mut lock read write try_lock get_mut into_inner take replace by_ref
    as_ptr get_or_insert_with get_or_init get insert downgrade upgrade deref deref_mut leak
    into_boxed filter inspect inspect_err flatten transpose to_vec as_slice clone_from into
    try_into make_mut or_insert or_insert_with or_default and_modify await context with_context
    unwrap_or_log max min into_owned to_mut
    """
)
# Items stay items of the same.
KEEPS_ITEMS = STAYS - {"get", "insert", "take", "get_mut", "replace", "max", "min"} | words(
    """
    iter iter_mut into_iter drain rev filter skip skip_while take take_while step_by chain
    peekable cycle fuse collect as_slice as_mut_slice into_boxed_slice into_vec sorted sorted_by
    sorted_by_key values values_mut into_values enumerate par_iter split_off to_vec chunks
    windows range extract_if splice concat dedup by_ref partition
    """
)
# One item comes out.
TAKES_ITEM = words(
    """
    next next_back first first_mut last last_mut get get_mut get_unchecked get_unchecked_mut pop
    pop_front pop_back front front_mut back back_mut peek peek_mut nth find min_by max_by
    min_by_key max_by_key max min remove swap_remove entry or_insert or_insert_with or_default
    insert replace take get_or_insert_with index index_mut reduce last_entry
    """
)
# Associated functions that derived or blanket implementations give: they make the type itself.
MAKES_ITSELF = words(
    "default from try_from from_str from_iter clone arbitrary deserialize parse new_zeroed"
)
# Which parameters of their closures are the value inside, or an item.
CLOSURES = {
    **dict.fromkeys(
        words(
            """
    map for_each filter filter_map flat_map any all find find_map position take_while skip_while
    map_while inspect partition max_by_key min_by_key sort_by_key retain sort_unstable_by_key
    and_then map_or map_or_else is_some_and is_ok_and then unwrap_or_else or_insert_with
    and_modify is_none_or rposition try_for_each
    """
        ),
        (0,),
    ),
    **dict.fromkeys(words("sort_by sort_unstable_by max_by min_by dedup_by reduce"), (0, 1)),
    **dict.fromkeys(words("fold try_fold scan"), (1,)),
}
# Methods of the standard library: a call of such a name on something unknown tells nothing.
COMMON = (
    STAYS
    | KEEPS_ITEMS
    | TAKES_ITEM
    | MAKES_ITSELF
    | CLOSURES.keys()
    | words(
        """
    abs all and and_then any append as_bytes as_mut_ptr as_os_str as_path as_str as_u8 bytes
    ceil char_indices chars checked_add checked_div checked_mul checked_sub clear cmp contains
    contains_key copy_from_slice count create dedup_by_key description difference display div
    drop drop_in_place elapsed ends_with eq eq_ignore_ascii_case eprint err exists exit exp
    extend extend_from_slice fetch_add file_name file_stem fill filter_map find_map flat_map
    floor flush fmt fold for_each format from_utf8 ge get_or_insert gt hash head id index
    insert_str intersection into_bytes into_string is_alphabetic is_alphanumeric is_ascii
    is_char_boundary is_digit is_dir is_empty is_err is_err_and is_file is_finite is_nan
    is_negative is_none is_numeric is_ok is_ok_and is_positive is_some is_some_and is_sorted
    is_whitespace join kind keys kill le len line lines load ln log lt map map_or map_or_else
    map_while mark mem metadata mul ne neg new not notify now offset open output parent
    partial_cmp path peek poll position pow powf powi print product ptr push push_back
    push_front push_str read_exact read_line read_to_end read_to_string recv rem rename reserve
    resize retain rfind rotate_left round run saturating_add saturating_sub scan seek send set
    set_len shl shr shrink_to_fit shuffle sin size_hint sleep sort sort_by sort_by_key
    sort_unstable source spawn split split_at split_at_mut split_once split_terminator
    split_whitespace splitn sqrt start starts_with status stderr stdin stdout step store
    strip_prefix strip_suffix sub subtract sum swap swap_with to_ascii_lowercase
    to_ascii_uppercase to_bits to_le_bytes to_lowercase to_owned to_path_buf to_str to_string
    to_string_lossy to_uppercase trim trim_end trim_matches trim_start truncate try_borrow
    try_fold try_for_each try_recv unwrap_err union unzip update wait wake with with_capacity
    wrapping_add wrapping_mul wrapping_sub write_all write_char write_fmt write_str zip name
    value key build add call finish visit parse size args arg spawn text width height end close
    connect bind state init type_id borrow_ref is_null wait_timeout field entries to_vec_pretty
    process message error warn info debug trace
    """
    )
)
